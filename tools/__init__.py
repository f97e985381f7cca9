# What stands in every page that follows from the code.
NOTICE = "<!-- Written by `make docs` from the code; edit the code instead. -->\n"
