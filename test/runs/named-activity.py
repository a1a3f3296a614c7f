"""A worker in Python: its activities know nothing of the product."""
import asyncio
import logging
import sys

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker


@activity.defn(name="summarise")
async def summarise(words: list[str], separator: str) -> dict:
    return {"text": separator.join(words), "count": len(words), "attempt": activity.info().attempt}


@activity.defn(name="refuse")
async def refuse() -> None:
    raise ApplicationError("not in the mood", type="mood", non_retryable=True)


async def main(address: str, namespace: str, task_queue: str) -> None:
    client = await Client.connect(address, namespace=namespace)
    async with Worker(client, task_queue=task_queue, activities=[summarise, refuse]):
        print("polling", flush=True)
        await asyncio.Event().wait()


# A failing activity is what the test wants: no word about it on the terminal.
logging.disable(logging.WARNING)
asyncio.run(main(*sys.argv[1:]))
