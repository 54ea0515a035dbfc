"""The docker engine: real mysqld and real keepalived in containers, everything over the Docker API.

`engine` is the engine itself; `startup` waits until its lab is ready, `actions` changes the running lab.
`networks` makes the lab's bridges on free `subnets`. `containers` creates and starts the containers, and
follows their agents: `container_config` says what each is told and may do, `agent_link` is the stream to its
agent, `agent_facts` turns what the agent reports into events, `event_emitter` passes them on. `image/` names,
builds, saves and prunes the node image. `cleanup` finds and removes labs, `node_shell` opens a shell in a
node, and `kernel_probe` tries the kernel for `hatlab doctor`. `compose_file` and `containerlab_file` write
the same containers as files.
"""
