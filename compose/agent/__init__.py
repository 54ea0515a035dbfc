"""The program in each container of a lab: it runs the node's services, watches them, and acts on request.

One JSON object a line: facts and replies on stdout, requests on stdin. A fact is
`{"t": seconds of CLOCK_MONOTONIC, "kind": …}` with the fields of the event of that kind, except `frame`
(raw bytes in hex; hatlab decodes them) and a ping's `probe`, which has `via`, the MAC that the request was
sent to. A request is `{"id": n, "do": name, …}`, its reply
`{"reply": n, "ok": true, "effect": …}` or `{"reply": n, "ok": false, "error": …, "definite": …}`.

What it is comes as JSON in the environment variable HATLAB_NODE:

    role        "node" (a server: keepalived, and mysqld if `mysql` is given), "host" (answers ping), "client"
    name        of the node
    networks    {network: CIDR}; interfaces are found by their address, as their names follow no order
    routes      {CIDR: gateway} of networks that it is not on; there is no default route
    ipv6        {network: address/length} of its own IPv6 addresses, if the lab has any
    own         addresses of the node itself; a reset deletes any other
    conf        text of keepalived.conf; `@NETWORK@` stands for that network's interface
    mysql       {server_id, increment, offset, source}: `source` is the address to replicate from, or null;
                null for a router
    target, rate, writes    a client's virtual address, tries a second, rows a second
    ping        {host, address} that a client pings instead of logging in at `target`, or null
    hold        true: keepalived waits for the request `go`, so that an election begins everywhere at once
    token       true: a request `{"do": "token", "token": …}` comes first; that text stands before each line
                on stdout, as anybody in the node may write there, too
    lease       seconds without a line on stdin after which the container ends; 0: never

and the files that its configuration needs, such as scripts, in HATLAB_FILES: {path: {mode, content}}, where
`@NETWORK@` stands for an interface, too.

Nothing here polls for what the kernel can announce: frames, addresses, links, the packet filter, ends of
processes and keepalived's states arrive through sockets. /proc is read ten times a second for what it cannot
announce: a process that somebody else started, or froze.

`node` puts the parts together. The main thread watches and writes (`event_loop`, `output`).
`request_listener` receives requests, and `request_runner` carries each out on a thread of its own: it acts
(`service_actions`, `filters`, `interfaces`, `keepalived`, `mysql`), and waits until the main thread has seen
the effect. Only the standard library is used, and PyMySQL.
"""
