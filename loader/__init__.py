"""azgraph: Azure and Entra ID as a graph in Neo4j, and questions over it."""

__version__ = "0.1.0"
