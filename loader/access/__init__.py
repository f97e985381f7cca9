"""What a role lets its holder do, and who has what where: words and rows of the graph, no SDK and no driver."""
