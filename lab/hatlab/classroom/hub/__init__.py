"""What JupyterHub loads for a class: who may log in, how a seat is started, who may do what."""
