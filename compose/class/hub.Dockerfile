# The image in which a whole class runs on Kubernetes: that of a seat, the proxy, and what makes pods.
#   docker build --build-arg SEAT=hatlab-seat:VERSION --tag hatlab-class --file compose/class/hub.Dockerfile .
ARG SEAT
FROM ${SEAT}
USER 0
RUN apt-get update && apt-get install -y --no-install-recommends npm && rm -rf /var/lib/apt/lists/* \
 && /opt/hatlab/venv/bin/pip install --no-cache-dir -c /opt/hatlab/constraints.txt jupyterhub-kubespawner
USER 1000:1000
ENV HOME=/home/seat
RUN python -m hatlab.cli class setup
ENTRYPOINT ["/usr/bin/tini", "--", "/bin/sh", "-c"]
