using System.Text.Json;
using Platform.Connectors.Sql;
using Platform.Connectors.Types;

namespace Platform.Connectors.Tests.Sql;

public sealed class SqlStatementTests
{
    [TestCase("select :a", "select $1")]
    [TestCase("select :a, :b, :a", "select $1, $2, $1")]
    [TestCase("select @a, {{b}}, $a;", "select $1, $2, $1")]
    [TestCase("select {{ a }}  ;  -- done\n ", "select $1")]
    [TestCase("select x::a, 1 :: int", "select x::a, 1 :: int")]
    [TestCase("select ':a', \":a\", E'\\':a', $$ :a $$, $t$ {{a}} $t$", "select ':a', \":a\", E'\\':a', $$ :a $$, $t$ {{a}} $t$")]
    [TestCase("select 'it''s :a' -- :a", "select 'it''s :a' -- :a")]
    [TestCase("select /* :a /* {{a}} */ :a */ :a", "select /* :a /* {{a}} */ :a */ $1")]
    [TestCase("select a$1, @ -5, x @> y, :unknown", "select a$1, @ -5, x @> y, :unknown")]
    [TestCase("/* first */ With x as (select 1) table x", "/* first */ With x as (select 1) table x")]
    [TestCase("(select ';' union select :a)", "(select ';' union select $1)")]
    public void Numbers_placeholders_outside_of_strings_names_and_comments(string sql, string expected)
    {
        var statement = SqlStatement.Parse(sql, JsonElement.Parse("""{"a": 1, "b": 2}"""));

        Assert.That(statement.Text, Is.EqualTo(expected));
    }

    [Test]
    public void Keeps_the_values_in_the_order_of_their_numbers()
    {
        var statement = SqlStatement.Parse("select $2, $1, $2", JsonElement.Parse("""["one", "two"]"""));

        Assert.That(statement.Text, Is.EqualTo("select $1, $2, $1"));
        Assert.That(statement.Values.Select(value => value.GetString()), Is.EqualTo(["two", "one"]));
    }

    [TestCase("select 1; select 2")]
    [TestCase("select 1; /* x */ drop table t")]
    [TestCase("select $3")]
    [TestCase("select {{missing}}")]
    [TestCase("select 'open")]
    [TestCase("select \"open")]
    [TestCase("select $q$ open")]
    [TestCase("select 1 /* open")]
    [TestCase("insert into t values (1)")]
    [TestCase("-- nothing")]
    [TestCase("")]
    [TestCase(";")]
    public void Refuses(string sql)
    {
        var exception = Assert.Throws<SourceException>(() => SqlStatement.Parse(sql, JsonElement.Parse("[1]")));

        Assert.That(exception.Code, Is.EqualTo("query_invalid"));
    }

    [TestCase("select 'pg_read_file', pg_reader, lo_get(1), \"my pg_read_file\"")]
    [TestCase("select a$$, b$1$, 'x' as c$q$ from t where a$$ = :a")]
    [TestCase("select 1 as größe, 2 as 値")]
    [TestCase("select E'a\\'b' as c, 'd'")]
    public void Lets_names_and_strings_be(string sql) =>
        Assert.That(
            SqlStatement.Parse(sql, JsonElement.Parse("""{"a": 1}"""), SqlDialect.Postgres).Text,
            Is.EqualTo(sql.Replace(":a", "$1", StringComparison.Ordinal)));

    [TestCase("select\u00a0:a\u200bfrom\u3000t", "select $1 from t")]
    [TestCase("select ':a\u00a0' -- \u00a0", "select ':a\u00a0' --")]
    public void Reads_every_white_space_as_a_space(string sql, string expected) =>
        Assert.That(SqlStatement.Parse(sql, JsonElement.Parse("""{"a": 1}""")).Text, Is.EqualTo(expected));
}
