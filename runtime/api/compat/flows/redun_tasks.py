"""The tasks of redun_flow.py."""

from redun import task

redun_namespace = "flows"


@task(executor="batch")
def twice(x):
    print("spoken by a flow")
    return 2 * x


@task()
def both():
    return [twice(1), twice(2)]
