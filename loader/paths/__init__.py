"""Ways from somebody to something: hops over the graph's relationships, the shortest ways, and where to cut them."""

from loader.paths.bloodhound import opengraph
from loader.paths.choke_points import ChokePoint, choke_points
from loader.paths.finding import Ends, Reached, beginning, blast_radius, find_paths, paths_of_everybody, target
from loader.paths.gaps import gaps
from loader.paths.growing import Growing
from loader.paths.network import Network
from loader.paths.reading import read_network
from loader.paths.telling import Hop, Path
from loader.paths.tiers import tier0_nodes
from loader.tier0 import declared

__all__ = [
    "ChokePoint",
    "Ends",
    "Growing",
    "Hop",
    "Network",
    "Path",
    "Reached",
    "beginning",
    "blast_radius",
    "choke_points",
    "declared",
    "find_paths",
    "gaps",
    "opengraph",
    "paths_of_everybody",
    "read_network",
    "target",
    "tier0_nodes",
]
