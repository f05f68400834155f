"""`python -m webapp` and the command `batchdesk`."""


def main() -> None:
    """Run the command line."""
    # imported here, because the processes that jobs run in import this file too, and need none of it
    from webapp.cli import main as run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
