"""People from a file of employees and from the directory: reading, checking, writing them into the graph."""

from loader.people.importing import Imported, import_people
from loader.people.reading import Employee, read_employees

__all__ = ["Employee", "Imported", "import_people", "read_employees"]
