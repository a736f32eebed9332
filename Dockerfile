# One image for all services; the command says which. It holds no server: Valkey and PostgreSQL are compose.yaml's, or your own.
FROM python:3.12-slim

WORKDIR /callstamp
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/callstamp PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

COPY requirements/services.txt requirements/
RUN pip install --require-hashes --requirement requirements/services.txt

COPY LICENSE ./
COPY schemas schemas
COPY shared shared
COPY ingest ingest
COPY admin admin
COPY callstamp callstamp

USER 10001:10001
EXPOSE 8080 8081 8082 8083

CMD ["python", "-m", "ingest"]
