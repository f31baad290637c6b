"""The asking side, a process of its own: some clients put questions one after the other and time the answers.

``python -m bench.ask`` reads one JSON object from its standard input and prints the seconds of each answer as JSON.
Questions go over HTTP (ready bodies for ``/graphql``) or over Bolt (steps of the very Cypher that the service runs).
"""

import http.client
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import orjson
from neo4j import Driver, GraphDatabase, ManagedTransaction, NotificationMinimumSeverity, Session

Ask = Callable[[Any], None]


def main() -> None:
    """Put the questions and print how long each took."""
    order: dict[str, Any] = orjson.loads(sys.stdin.buffer.read())
    questions: list[Any] = order["questions"]
    guard = threading.Lock()
    waiting = iter(questions)
    took: list[float] = []
    failures: list[str] = []
    driver = None
    if order["target"] == "bolt":
        driver = GraphDatabase.driver(
            order["uri"],
            auth=(order["user"], order["password"]),
            notifications_min_severity=NotificationMinimumSeverity.OFF,
        )

    def run() -> None:
        with _client(order, driver) as client:
            while True:
                with guard:
                    question = next(waiting, None)
                if question is None or failures:
                    return
                begun = time.perf_counter()
                try:
                    client.ask(question)
                except Exception as error:  # noqa: BLE001 - whatever it is, it goes into the report
                    failures.append(repr(error))
                    return
                took.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=run) for _ in range(order["clients"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if driver is not None:
        driver.close()
    sys.stdout.buffer.write(orjson.dumps({"took": took, "failures": failures}))


class _HttpClient:
    def __init__(self, order: dict[str, Any]) -> None:
        self._connection = http.client.HTTPConnection(order["host"], order["port"], timeout=60)
        self._headers = {"Authorization": f"Bearer {order['key']}", "Content-Type": "application/json"}

    def __enter__(self) -> "_HttpClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, question: Any) -> None:
        self._connection.request("POST", "/graphql", orjson.dumps(question), self._headers)
        response = self._connection.getresponse()
        answer = orjson.loads(response.read())
        if response.status != 200 or answer.get("errors") or not all(answer["data"].values()):
            raise RuntimeError(f"{response.status} {answer}")


class _BoltClient:
    """Runs the steps of a question, each in a transaction; a step may use the customer that the one before found."""

    def __init__(self, driver: Driver) -> None:
        self._session: Session = driver.session()

    def __enter__(self) -> "_BoltClient":
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def ask(self, question: Any) -> None:
        found: list[Any] = []
        for text, parameters, customer_of_last in question:
            if customer_of_last:
                parameters["customer_ids"] = [found[0]["customer_id"]]
            found = self._session.execute_read(_run, text, parameters)
            if not found:
                raise RuntimeError("nothing found")


def _run(tx: ManagedTransaction, text: str, parameters: dict[str, Any]) -> list[Any]:
    return list(tx.run(text, parameters))  # pyright: ignore[reportArgumentType]


def _client(order: dict[str, Any], driver: Driver | None) -> _HttpClient | _BoltClient:
    return _HttpClient(order) if driver is None else _BoltClient(driver)


if __name__ == "__main__":
    main()
