using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Platform.Connectors.Sql;
using Platform.Connectors.Tests.Features;
using Platform.Connectors.Tests.Sources;

namespace Platform.Connectors.Tests.Security;

/// <summary>
/// Hostile values over the routes that clients use, as users whom the source lets do everything, at sources that are set up to read
/// strings in the most dangerous way.
/// </summary>
public sealed class InjectionCorpusTests : ConnectorTest
{
    private const int BatchSize = 24;
    private static readonly string[] Styles = [":p{0}", "@p{0}", "{{{{p{0}}}}}", "$p{0}"];
    private SourceMariaDb _mariaDb = null!;

    [OneTimeSetUp]
    public async Task PlantAsync()
    {
        await Source.ExecuteAsync(
            """
            create role careless superuser login password 'careless password';
            alter role careless set standard_conforming_strings = off;
            alter role careless set backslash_quote = on;
            create table planted (id int primary key, name text);
            insert into planted values (1, 'one'), (2, 'two'), (3, 'three');
            """);
        _mariaDb = await SourceMariaDb.StartAsync(withTls: false);
        await _mariaDb.ExecuteAsync(
            """
            create database shop character set gbk; use shop;
            create table planted (id int primary key, name varchar(50) character set utf8mb4);
            insert into planted values (1, 'one'), (2, 'two'), (3, 'three');
            set global sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT';
            set global character_set_server = gbk, global character_set_client = gbk, global character_set_connection = gbk;
            """);
    }

    [OneTimeTearDown]
    public async Task UprootAsync()
    {
        await Source.ExecuteAsync("drop table planted; drop role careless");
        await _mariaDb.DisposeAsync();
    }

    [Test]
    public void The_corpus_is_large_and_repeats_nothing()
    {
        Assert.That(InjectionPayloads.All, Is.Unique);
        Assert.That(InjectionPayloads.All, Has.Count.GreaterThan(400));
    }

    [Test]
    public void No_value_becomes_text_of_a_statement()
    {
        foreach (var dialect in new[] { SqlDialect.Standard, SqlDialect.Postgres, SqlDialect.MySql, SqlDialect.Sqlite })
        {
            var expected = SqlStatement.Parse("select :a, :b", JsonElement.Parse("""{"a": 1, "b": 2}"""), dialect).Text;
            foreach (var payload in InjectionPayloads.All)
            {
                var parameters = JsonSerializer.SerializeToElement(new { a = payload, b = payload });

                var statement = SqlStatement.Parse("select :a, :b", parameters, dialect);

                Assert.That(statement.Text, Is.EqualTo(expected));
                Assert.That(statement.Values.Select(value => value.GetString()), Is.All.EqualTo(payload));
            }
        }
    }

    [TestCase("postgres")]
    [TestCase("mysql")]
    [TestCase("sqlite")]
    [TestCase("file")]
    public async Task A_value_comes_back_as_it_was_and_finds_nothing(string type)
    {
        var alice = await SignInAsync();
        var path = await ConnectToAsync(alice.Client, type);
        await StartListeningAsync(type);
        var statements = new HashSet<string>();
        var failures = new List<string>();
        // Two of them have no text with a NUL.
        var payloads = InjectionPayloads.All
            .Where(payload => type is "mysql" or "sqlite" || !payload.Contains('\0', StringComparison.Ordinal)).ToArray();

        foreach (var (batch, number) in payloads.Chunk(BatchSize).Select((batch, number) => (batch, number)))
        {
            var values = Fill(batch);
            using var response = await alice.Client.PostAsJsonAsync(
                $"{path}/query", new { query = QueryOf(type, Styles[number % Styles.Length]), parameters = values });
            var row = (await ExpectJsonAsync(response)).GetProperty("rows")[0];
            for (var index = 0; index < BatchSize; index++)
            {
                var (sent, echo, named, numbered) = (values[$"p{index}"], row[index * 3], row[(index * 3) + 1], row[(index * 3) + 2]);
                if (echo.GetString() != sent || named.GetInt64() != 0 || numbered.GetInt64() > 1)
                {
                    failures.Add($"{JsonSerializer.Serialize(sent)} came back as {echo}, with {named} by name and {numbered} by number");
                }
            }

            statements.Add(type == "file" ? row[BatchSize * 3].GetString()! : "");
        }

        Assert.That(failures, Is.Empty);
        await ExpectPlantedAsync(alice.Client, path);
        Assert.That(await HeardAsync(type, statements), Has.Count.EqualTo(type == "sqlite" ? 0 : 1), "one statement, whatever the values");
    }

    [TestCase("postgres")]
    [TestCase("file")]
    public async Task A_typed_place_takes_a_number_or_says_what_is_wrong(string type)
    {
        var alice = await SignInAsync();
        var path = await ConnectToAsync(alice.Client, type);
        var failures = new ConcurrentBag<string>();

        // A refusal is a request of its own, so some of those that are no numbers stand for the rest.
        var share = type == "postgres" ? 4 : 16;
        var some = InjectionPayloads.All.Where((text, index) => index % share == 0 && !text.Contains('\0', StringComparison.Ordinal));
        var payloads = InjectionPayloads.Numbers.Concat(some).Distinct();
        await Parallel.ForEachAsync(payloads, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (payload, _) =>
        {
            const string Query = "select count(*) from planted where id = cast(:id as integer)";
            using var response = await alice.Client.PostAsJsonAsync(
                $"{path}/query", new { query = Query, parameters = new { id = payload } }, CancellationToken.None);
            var body = await response.Content.ReadFromJsonAsync<JsonElement>(CancellationToken.None);
            var isRefused = (int)response.StatusCode == 422 && body.GetProperty("code").GetString() == "query_failed";
            var isNumber = InjectionPayloads.Numbers.Contains(payload) && response.IsSuccessStatusCode
                && body.GetProperty("rows")[0][0].GetInt64() <= 1;
            if (!isRefused && !isNumber)
            {
                failures.Add($"{JsonSerializer.Serialize(payload)}: {body}");
            }
        });

        Assert.That(failures, Is.Empty);
        await ExpectPlantedAsync(alice.Client, path);
    }

    [TestCase("postgres")]
    [TestCase("mysql")]
    [TestCase("sqlite")]
    [TestCase("file")]
    public async Task Refuses_what_is_no_text(string type)
    {
        var alice = await SignInAsync();
        var path = await ConnectToAsync(alice.Client, type);

        foreach (var value in InjectionPayloads.Malformed)
        {
            using var content = JsonOf($$"""{"query": "select :v", "parameters": {"v": {{value}} } }""");
            using var response = await alice.Client.PostAsync($"{path}/query", content);
            var problem = await ExpectProblemAsync(response, 422, "validation_failed");
            Assert.That(problem.GetProperty("errors").TryGetProperty("$.parameters", out _));
        }

        using var dot = await alice.Client.PostAsJsonAsync($"{path}/query", new { query = "select 'a\0b'" });
        await ExpectProblemAsync(dot, 422, "query_invalid");
    }

    [TestCase("postgres", "query_failed")]
    [TestCase("file", "query_invalid")]
    public async Task Says_where_a_source_has_no_text_with_a_nul(string type, string code)
    {
        var alice = await SignInAsync();
        var path = await ConnectToAsync(alice.Client, type);

        foreach (var payload in InjectionPayloads.All.Where(payload => payload.Contains('\0', StringComparison.Ordinal)))
        {
            using var response = await alice.Client.PostAsJsonAsync(
                $"{path}/query", new { query = "select :v", parameters = new { v = payload } });
            await ExpectProblemAsync(response, 422, code);
        }
    }

    [Test]
    public async Task A_board_gives_its_viewers_values_to_the_source_as_values()
    {
        var alice = await SignInAsync();
        var board = await BoardAsync(alice.Client, "text", BatchSize, QueryOf("postgres", ":p{0}"));
        var failures = new List<string>();
        var payloads = InjectionPayloads.All
            .Where(payload => !payload.Contains('\0', StringComparison.Ordinal) && payload.Length <= 10_000);

        foreach (var batch in payloads.Chunk(BatchSize))
        {
            var values = Fill(batch);
            using var response = await alice.Client.PostAsJsonAsync($"{board}/data", new { parameters = values });
            var line = JsonElement.Parse((await response.Content.ReadAsStringAsync()).Split('\n')[0]);
            Assert.That(line.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Object, line.ToString());
            var row = result.GetProperty("rows")[0];
            failures.AddRange(Enumerable.Range(0, BatchSize)
                .Where(index => row[index * 3].GetString() != values[$"p{index}"] || row[(index * 3) + 1].GetInt64() != 0)
                .Select(index => JsonSerializer.Serialize(values[$"p{index}"])));
        }

        Assert.That(failures, Is.Empty);
        var planted = await Source.AskAsync<string>("select string_agg(id || name, ' ' order by id) from planted");
        Assert.That(planted, Is.EqualTo("1one 2two 3three"));
    }

    [TestCase("number")]
    [TestCase("date")]
    [TestCase("boolean")]
    public async Task A_typed_parameter_of_a_board_lets_no_other_text_through(string parameterType)
    {
        var alice = await SignInAsync();
        var board = await BoardAsync(alice.Client, parameterType, 1, "select 1 where :p0 is null");

        foreach (var payload in InjectionPayloads.All)
        {
            using var response = await alice.Client.PostAsJsonAsync($"{board}/data", new { parameters = new { p0 = payload } });
            await ExpectProblemAsync(response, 422, "parameter_invalid");
        }

        foreach (var value in InjectionPayloads.Malformed)
        {
            using var content = JsonOf($$"""{"parameters": {"p0": {{value}} } }""");
            using var response = await alice.Client.PostAsync($"{board}/data", content);
            await ExpectProblemAsync(response, 422, "validation_failed");
        }
    }

    // The last ones of a batch are given again, so that all statements are alike.
    private static Dictionary<string, string> Fill(string[] batch) =>
        Enumerable.Range(0, BatchSize).ToDictionary(index => $"p{index}", index => batch[Math.Min(index, batch.Length - 1)]);

    private static StringContent JsonOf(string json) => new(json, Encoding.UTF8, "application/json");

    private static string QueryOf(string type, string style)
    {
        var columns = Enumerable.Range(0, BatchSize).Select(index =>
        {
            var place = string.Format(CultureInfo.InvariantCulture, style, index);
            // Only where the source converts what is no number, instead of refusing it.
            var numbered = type is "mysql" or "sqlite" ? CountOf($"id = {place}") : "0";
            var echo = type == "postgres" ? $"{place}::text" : place;
            return $"{echo} as a{index}, {CountOf($"name = {place}")} as n{index}, {numbered} as c{index}";
        });
        return $"select {string.Join(", ", columns)}{(type == "file" ? ", current_query() as seen" : "")} from planted";

        static string CountOf(string condition) => $"sum(case when {condition} then 1 else 0 end)";
    }

    private async Task<string> ConnectToAsync(HttpClient client, string type)
    {
        object config = type switch
        {
            "postgres" => new { host = "localhost", port = Source.Port, database = "shop", username = "careless" },
            "mysql" => new { host = "127.0.0.1", port = _mariaDb.Port, database = "shop", username = "owner" },
            "sqlite" => new { upload_id = await UploadAsync(client, "planted.sqlite", await MakeSqliteAsync()) },
            _ => new
            {
                upload_id = await UploadAsync(client, "planted.csv", "id,name\n1,one\n2,two\n3,three\n"u8.ToArray()),
                format = "csv",
                table = "planted",
            },
        };
        object credentials = type switch
        {
            "postgres" => new { password = "careless password" },
            "mysql" => new { password = "owner password" },
            _ => new { },
        };
        return await ConnectAsync(client, new { name = $"Planted in {type}", type, config, credentials });
    }

    private async Task<string> BoardAsync(HttpClient client, string parameterType, int count, string query)
    {
        var connector = (await ConnectToAsync(client, "postgres")).Split('/')[^1];
        var parameters = Enumerable.Range(0, count).Select(index => new { name = $"p{index}", type = parameterType });
        var board = await PostAsync(client, "/api/v1/dashboards", new { name = "Planted", config = new { parameters } });
        var path = $"/api/v1/dashboards/{board.GetProperty("id").GetString()}";
        await PostAsync(client, $"{path}/widgets", new { type = "table", connector_id = connector, data_query = new { query } });
        return path;
    }

    private static async Task<byte[]> MakeSqliteAsync()
    {
        var path = Path.Combine(Path.GetTempPath(), $"{Path.GetRandomFileName()}.sqlite");
        await using (var connection = new SqliteConnection($"Data Source={path};Pooling=false"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText =
                "create table planted (id integer primary key, name text); insert into planted values (1, 'one'), (2, 'two'), (3, 'three')";
            await command.ExecuteNonQueryAsync();
        }

        var bytes = await File.ReadAllBytesAsync(path);
        File.Delete(path);
        return bytes;
    }

    private async Task StartListeningAsync(string type)
    {
        if (type == "postgres")
        {
            await Source.ExecuteAsync(
                "alter role careless set log_statement = 'all'; alter role careless set log_parameter_max_length = 0");
        }
        else if (type == "mysql")
        {
            await _mariaDb.ExecuteAsync(
                $"set global log_output = 'FILE', global general_log_file = '{_mariaDb.PathOf("heard")}', global general_log = 1");
        }
    }

    /// <summary>The statements that came to the source, each once.</summary>
    private async Task<HashSet<string>> HeardAsync(string type, HashSet<string> seen) => type switch
    {
        "postgres" => Distinct(Source.ReadLog(), "no scroll cursor for select $1"),
        "mysql" => Distinct(await File.ReadAllTextAsync(_mariaDb.PathOf("heard")), "Prepare\tselect ?"),
        "file" => seen,
        _ => [],
    };

    private static HashSet<string> Distinct(string log, string mark) =>
        [.. log.Split('\n').Select(line => (Text: line, At: line.IndexOf(mark, StringComparison.Ordinal)))
            .Where(line => line.At >= 0).Select(line => line.Text[line.At..])];

    private static async Task ExpectPlantedAsync(HttpClient client, string path)
    {
        var planted = await PostAsync(
            client, $"{path}/query", new { query = "select id, name from planted order by id" }, System.Net.HttpStatusCode.OK);
        Assert.That(planted.GetProperty("rows").GetRawText(), Is.EqualTo("""[[1,"one"],[2,"two"],[3,"three"]]"""));
    }
}
