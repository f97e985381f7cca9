"""What carries messages: queues, topics, event streams, devices."""
