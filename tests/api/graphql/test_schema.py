from api.graphql.print_schema import SCHEMA_FILE, schema_text


def test_the_schema_file_is_what_the_code_says() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run `python -m api.graphql.print_schema`"
