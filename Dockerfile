# azgraph as a container that loads Azure again and again; docker-compose.yml gives it its Neo4j and its credential.
FROM python:3.13-slim

WORKDIR /opt/azgraph
COPY requirements.lock ./
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY loader ./loader
COPY queries ./queries
COPY alertrules ./alertrules
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

RUN useradd --create-home azgraph
USER azgraph

# Whatever a turn ends with is told on standard error, and the next one comes. Waiting for sleep in the background lets
# a stop be prompt.
ENV AZGRAPH_EVERY=86400
CMD ["sh", "-c", "trap 'exit 0' TERM; while :; do azgraph sync; azgraph alerts evaluate; sleep \"$AZGRAPH_EVERY\" & wait $!; done"]
