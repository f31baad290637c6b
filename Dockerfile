# The service. It needs a Neo4j: see docker-compose.yml, or set IDENTITY_GRAPH_NEO4J_URI.
FROM python:3.12-slim

WORKDIR /app

# First what seldom changes, so that a change of the code does not fetch the libraries again.
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r requirements.lock

COPY identity_graph ./identity_graph
COPY api ./api
COPY cypher ./cypher
COPY LICENSE README.md ./

# The command; the code is found beside it, so nothing that builds packages is fetched unlocked.
RUN printf '#!/usr/bin/env python\nfrom identity_graph.cli.app import main\n\nmain()\n' > /usr/local/bin/identity-graph \
    && chmod 755 /usr/local/bin/identity-graph \
    && python -m compileall -q identity_graph api \
    && useradd --system --create-home --home-dir /data --uid 10001 identity-graph

ENV PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    IDENTITY_GRAPH_HOST=0.0.0.0 \
    IDENTITY_GRAPH_PORT=8000 \
    IDENTITY_GRAPH_DATA_DIR=/data \
    IDENTITY_GRAPH_CACHE_DIR=/data/cache

USER identity-graph
VOLUME /data
EXPOSE 8000

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]

ENTRYPOINT ["identity-graph"]
CMD ["serve"]
