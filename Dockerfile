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
COPY --chmod=755 docker/loader.sh /usr/local/bin/azgraph-loader

RUN useradd --create-home azgraph
USER azgraph

# `loop` (every AZGRAPH_EVERY seconds; 0 is once), `once` with the exit code of the turn, or any command: `azgraph …`.
ENV AZGRAPH_EVERY=86400
ENTRYPOINT ["azgraph-loader"]
CMD ["loop"]
# A first load of a large tenant takes long; until the first turn has ended nothing is said of it.
HEALTHCHECK --interval=60s --timeout=10s --start-period=6h --retries=3 CMD ["azgraph-loader", "healthy"]
