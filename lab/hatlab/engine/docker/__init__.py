"""The docker engine: real mysqld and real keepalived in containers, everything over the Docker API."""

from hatlab.engine.docker.engine import DockerEngine

__all__ = ["DockerEngine"]
