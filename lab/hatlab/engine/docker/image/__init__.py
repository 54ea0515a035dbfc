"""The node image: named after its content, built with progress, carried in a file.

`name` computes its name, `build` builds it, `debootstrap` makes a base image where no registry answers,
`archive` saves it to a file and loads it, `prune` removes what earlier builds left.
"""
