# The image in which a whole class runs on Kubernetes: that of a seat, the proxy, and what makes pods.
# `hatlab class image` builds it where class.toml says so.
ARG BASE
FROM ${BASE}
USER 0
RUN apt-get -o Acquire::Check-Valid-Until=false update \
 && apt-get install -y --no-install-recommends nodejs \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /usr/share/doc \
 && /opt/hatlab/venv/bin/pip install --no-cache-dir --disable-pip-version-check --quiet \
      -c /opt/hatlab/constraints.txt jupyterhub-kubespawner
COPY node_modules /opt/hatlab/data/hatlab/class/node_modules
RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} +
USER 1000:1000
ENV HOME=/home/seat XDG_DATA_HOME=/opt/hatlab/data XDG_STATE_HOME=/home/seat/state
ENTRYPOINT ["/usr/bin/tini", "--", "/bin/sh", "-c"]
