"""What runs code: machines, their disks and images, clusters, containers, batch pools."""
