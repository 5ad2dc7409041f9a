using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Platform.Connectors.DuckDb;
using Platform.Connectors.Results;
using Platform.Connectors.Sql;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;

namespace Platform.Connectors.Tests.DuckDb;

public sealed class DuckDbEngineTests
{
    private static readonly QueryLimits Limits = new(1000, 1_000_000, TimeSpan.FromSeconds(20));
    private static readonly Guid Other = new("01900000-0000-7000-8000-0000000000ff");
    private Workers _workers = null!;
    private FileTable _weather = null!;

    [OneTimeSetUp]
    public async Task ConvertWeather()
    {
        _workers = new Workers();
        _weather = new FileTable("weather", [await _workers.ParquetAsync(Workers.Data("seattle-weather-excerpt.csv"), "csv")]);
    }

    [OneTimeTearDown]
    public void EndWorkers() => _workers.Dispose();

    [Test]
    public async Task Answers_over_files()
    {
        var reading = await QueryAsync(
            "select weather, count(*) as days, max(temp_max) from weather group by 1 order by 2 desc, 1 limit 2");

        Assert.That(reading.Rows.GetRawText(), Is.EqualTo("""[["rain",35,15.6],["sun",12,16.1]]"""));
        Assert.That(string.Join(' ', reading.Columns.Select(column => column.Type)), Is.EqualTo("text integer double"));
    }

    [Test]
    public async Task Gives_every_type_as_json()
    {
        const string Sql =
            """
            select 170141183460469231731687303715884105727::hugeint, 'nan'::double, 1.50::decimal(10,2), timestamp '2020-01-01 01:02:03.4567',
              timestamptz '2020-01-01 01:02:03+02', time '01:02:03', uuid '01900000-0000-7000-8000-000000000000', 'ab'::blob, [1, null],
              {'a': 1, 'b': [{'c': 'x'}]}, map {'k': date '2020-02-03'}, 'infinity'::date, '-infinity'::timestamp, true, 'x'::enum('x'), 200::utinyint,
              interval '1 day', 18446744073709551615::ubigint, date '2012-01-05', null
            """;

        var reading = await QueryAsync(Sql);

        Assert.That(reading.Rows.GetRawText(), Is.EqualTo(
            """[[170141183460469231731687303715884105727,null,1.50,"2020-01-01T01:02:03.4567","2019-12-31T23:02:03Z","01:02:03","01900000-0000-7000-8000-000000000000","YWI=",[1,null],{"a":1,"b":[{"c":"x"}]},{"k":"2020-02-03"},"infinity","-infinity",true,"x",200,"1.00:00:00",18446744073709551615,"2012-01-05",null]]"""));
    }

    [TestCase("select count(*) from weather where date >= :from", """{"from": "2012-02-01"}""", "[[29]]")]
    [TestCase("select count(*) from weather where weather = any($1)", """[["rain", "sun"]]""", "[[47]]")]
    [TestCase("select count(*) from weather where weather = {{kind}}", """{"kind": "rain' or 1=1 --"}""", "[[0]]")]
    [TestCase("select :n + 1, :t, :n", """{"n": 1, "t": "x"}""", "[[2,\"x\",1]]")]
    [TestCase("from weather select count(*) limit :n", """{"n": 1}""", "[[60]]")]
    public async Task Binds_parameters(string sql, string parameters, string expected)
    {
        var reading = await QueryAsync(sql, JsonElement.Parse(parameters));

        Assert.That(reading.Rows.GetRawText(), Is.EqualTo(expected));
    }

    [Test]
    public async Task Gives_json_and_lists_beside_names_that_repeat()
    {
        var reading = await QueryAsync("select 1 as a, [{'x': 1}] as a, '{\"b\": [1, null]}'::json as j -- last", JsonElement.Parse("{}"));

        Assert.That(reading.Rows.GetRawText(), Is.EqualTo("""[[1,[{"x":1}],{"b":[1,null]}]]"""));
        Assert.That(string.Join(' ', reading.Columns.Select(column => column.Type)), Is.EqualTo("integer json json"));
    }

    [TestCase("show tables", "[[\"weather\"]]")]
    [TestCase("values (1, 'a')", "[[1,\"a\"]]")]
    [TestCase("table weather", null)]
    [TestCase("with x as (select [1] as l) from x", "[[[1]]]")]
    [TestCase("pivot weather on weather using count(*) group by wind", null)]
    [TestCase("summarize weather", null)]
    [TestCase("describe weather", null)]
    public async Task Takes_every_statement_that_reads(string sql, string? expected)
    {
        var reading = await QueryAsync(sql);

        Assert.That(reading.RowCount, Is.Positive);
        Assert.That(expected ?? reading.Rows.GetRawText(), Is.EqualTo(reading.Rows.GetRawText()));
    }

    [TestCase("select * from read_csv('/etc/passwd')")]
    [TestCase("select * from read_text('/etc/passwd')")]
    [TestCase("select * from glob('/etc/*')")]
    [TestCase("select * from read_parquet('../*/*.parquet')")]
    [TestCase("select * from read_csv('https://127.0.0.1/x.csv')")]
    [TestCase("select * from sqlite_scan('x', 'y')")]
    [TestCase("select nope from weather")]
    public void Refuses_what_lies_outside_of_the_folder(string sql)
    {
        var exception = Assert.ThrowsAsync<SourceException>(() => QueryAsync(sql));

        Assert.That(exception.Code, Is.EqualTo("query_failed"), exception.Message);
        Assert.That(exception.Message, Does.Not.Contain(_workers.Folders.Base));
    }

    [TestCase("set memory_limit = '100GB'")]
    [TestCase("attach '/tmp/x.db' as x")]
    [TestCase("copy weather to '/tmp/x.csv'")]
    [TestCase("install httpfs")]
    [TestCase("pragma version")]
    [TestCase("select 1; set threads = 8")]
    public void Refuses_what_does_not_read(string sql)
    {
        var exception = Assert.ThrowsAsync<SourceException>(() => QueryAsync(sql));

        Assert.That(exception.Code, Is.EqualTo("query_invalid"), exception.Message);
    }

    [Test]
    public async Task Cuts_rows_and_bytes_and_says_so()
    {
        var rows = await QueryAsync("select * from range(1000000000)", limits: Limits with { MaxRows = 2 });
        var bytes = await QueryAsync("select repeat('x', 1000) from range(1000000000)", limits: Limits with { MaxBytes = 5000 });

        Assert.That(rows.Rows.GetRawText(), Is.EqualTo("[[0],[1]]"));
        Assert.That(rows.Truncated);
        Assert.That(bytes.RowCount, Is.EqualTo(4));
        Assert.That(bytes.Truncated);
    }

    [Test]
    public async Task Ends_a_query_that_needs_too_much_memory()
    {
        var exception = Assert.ThrowsAsync<SourceException>(
            () => QueryAsync("select count(*) from (select i, count(*) from range(100000000) t(i) group by i)"));

        Assert.That(exception.Code, Is.EqualTo("query_too_large"), exception.Message);
        Assert.That((await QueryAsync("select 1")).RowCount, Is.EqualTo(1));
    }

    [Test]
    public void Ends_a_query_that_needs_too_much_time()
    {
        var watch = Stopwatch.StartNew();

        var exception = Assert.ThrowsAsync<SourceException>(
            () => QueryAsync(Endless, limits: Limits with { Timeout = TimeSpan.FromSeconds(1) }));

        Assert.That(exception.Code, Is.EqualTo("query_timeout"), exception.Message);
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public async Task Ends_the_worker_when_nobody_waits()
    {
        using var workers = new Workers();
        await workers.Engine.QueryAsync(Settings.Owner, [], SqlStatement.Parse("select 1", default), Limits, default);
        var before = workers.Pool.IdleProcessIds;
        using var cancellation = new CancellationTokenSource(300);

        Assert.CatchAsync<OperationCanceledException>(
            () => workers.Engine.QueryAsync(Settings.Owner, [], SqlStatement.Parse(Endless, default), Limits, cancellation.Token));

        Assert.That(() => before.Count(id => Directory.Exists($"/proc/{id}") && !File.ReadAllText(
            $"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal)), Is.EqualTo(1).After(3000, 50));
    }

    [Test]
    public async Task Shares_no_worker_between_owners_and_ends_idle_ones()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        using var workers = new Workers(clock);
        var statement = SqlStatement.Parse("select 1", default);

        await workers.Engine.QueryAsync(Settings.Owner, [], statement, Limits, default);
        var first = workers.Pool.IdleProcessIds;
        await workers.Engine.QueryAsync(Settings.Owner, [], statement, Limits, default);
        var again = workers.Pool.IdleProcessIds;
        await workers.Engine.QueryAsync(Other, [], statement, Limits, default);
        var both = workers.Pool.IdleProcessIds;
        clock.Advance(TimeSpan.FromSeconds(80));

        Assert.That(first, Has.Count.EqualTo(2));
        Assert.That(again, Is.EquivalentTo(first));
        Assert.That(both, Has.Count.EqualTo(3));
        Assert.That(workers.Pool.IdleProcessIds, Is.Empty);
    }

    [Test]
    public async Task Runs_workers_without_rights_and_network()
    {
        if (Environment.UserName != "root")
        {
            Assert.Ignore("Only root can give up rights.");
        }

        await QueryAsync("select 1");
        var id = _workers.Pool.IdleProcessIds[0];
        var status = await File.ReadAllLinesAsync($"/proc/{id}/status");

        Assert.That(status.Single(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Split('\t')[1..], Is.All.EqualTo("65534"));
        Assert.That(status.Single(line => line.StartsWith("CapEff:", StringComparison.Ordinal)), Does.EndWith("0000000000000000"));
        Assert.That(status.Single(line => line.StartsWith("CapBnd:", StringComparison.Ordinal)), Does.EndWith("0000000000000000"));
        Assert.That(status.Single(line => line.StartsWith("NoNewPrivs:", StringComparison.Ordinal)), Does.EndWith("1"));
        Assert.That(await File.ReadAllTextAsync($"/proc/{id}/net/dev"), Does.Not.Contain("eth").And.Not.Contain("ens"));
        var environment = (await File.ReadAllTextAsync($"/proc/{id}/environ")).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(environment, Is.All.StartsWith("DOTNET_").Or.StartWith("LC_ALL"));
    }

    [Test]
    public async Task Writes_lines_of_a_stream_as_parquet()
    {
        var lines = Path.Combine(_workers.Folders.Cache, "lines");
        await File.WriteAllTextAsync(lines, """
            {"c0":1,"c1":"a","c2":1.25,"c3":"2026-01-01T10:00:00Z","c4":{"n": 1}}
            {"c0":2,"c1":null,"c2":2.50,"c3":null,"c4":null}

            """);
        StreamColumn[] columns = [new(
            "id", "BIGINT"), new("na\"me", "VARCHAR"), new("total", "DECIMAL(10,2)"), new("at", "TIMESTAMPTZ"), new("note", "JSON")];
        var target = Path.Combine(_workers.Folders.Cache, "lines.parquet");

        var converted = await _workers.Engine.ConvertAsync(Settings.Owner, [lines], "lines", columns, target, default);
        var reading = await QueryAsync("select * from weather order by id", tables: [new FileTable("weather", [target])]);

        Assert.That(converted.RowCount, Is.EqualTo(2));
        Assert.That(
            string.Join(' ', converted.Columns.Select(column => $"{column.Name}:{column.Type}")),
            Is.EqualTo("id:integer na\"me:text total:decimal at:timestamptz note:json"));
        Assert.That(reading.Rows.GetRawText(), Is.EqualTo(
            """[[1,"a",1.25,"2026-01-01T10:00:00Z",{"n":1}],[2,null,2.50,null,null]]"""));
    }

    [Test]
    public async Task Leaves_the_files_it_was_given_untouched()
    {
        var before = await File.ReadAllBytesAsync(_weather.Paths[0]);

        Assert.ThrowsAsync<SourceException>(() => QueryAsync("with x as (select 1) copy weather to 't0-0.parquet'"));

        Assert.That(await File.ReadAllBytesAsync(_weather.Paths[0]), Is.EqualTo(before));
        Assert.That(FoldersOfWorkers(), Is.Not.Empty);
        Assert.That(FoldersOfWorkers().SelectMany(Directory.GetFileSystemEntries), Is.Empty);
    }

    [Test]
    public async Task Leaves_nothing_of_a_query_to_the_next_one()
    {
        using var workers = new Workers();
        var other = new FileTable("other", _weather.Paths, Schema: "apart");

        await QueryAsync("select count(*) from weather", workers: workers);
        var tables = await QueryAsync("select table_schema, table_name from information_schema.tables", tables: [other], workers: workers);
        var gone = Assert.ThrowsAsync<SourceException>(() => QueryAsync("from apart.other", workers: workers));
        var after = await QueryAsync("select count(*) from weather", workers: workers);

        Assert.That(tables.Rows.GetRawText(), Is.EqualTo("""[["apart","other"]]"""));
        Assert.That(gone.Code, Is.EqualTo("query_failed"));
        Assert.That(after.Rows.GetRawText(), Is.EqualTo("[[60]]"));
        Assert.That(workers.Pool.IdleProcessIds, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Sees_the_files_of_no_other_worker()
    {
        using var workers = new Workers();
        using var cancellation = new CancellationTokenSource();
        var running = workers.Engine.QueryAsync(Other, [_weather], SqlStatement.Parse(Endless, default), Limits, cancellation.Token);
        Assert.That(() => Files(workers), Has.Count.EqualTo(1).After(20_000, 50));
        var file = Files(workers)[0];

        var refused = Assert.ThrowsAsync<SourceException>(() => QueryAsync($"select count(*) from read_parquet('{file}')", workers: workers));

        Assert.That(refused.Code, Is.EqualTo("query_failed"));
        Assert.That(running.IsCompleted, Is.False);
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => running);
    }

    [Test]
    public async Task One_worker_serves_the_short_queries_of_an_owner()
    {
        using var workers = new Workers(new FakeTimeProvider());

        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => QueryAsync("select count(*) from weather", workers: workers)));

        Assert.That(workers.Pool.IdleProcessIds, Has.Count.EqualTo(2), "the one that has worked, and a fresh one");
    }

    [Test]
    public async Task A_long_query_holds_up_no_other_of_its_owner()
    {
        var clock = new FakeTimeProvider();
        using var workers = new Workers(clock);
        using var cancellation = new CancellationTokenSource();
        var endless = workers.Engine.QueryAsync(Settings.Owner, [], SqlStatement.Parse(Endless, default), Limits, cancellation.Token);
        var other = QueryAsync("select count(*) from weather", workers: workers);
        await Task.Delay(300);
        var before = other.IsCompleted;

        clock.Advance(TimeSpan.FromMilliseconds(200));
        var rows = (await other).Rows.GetRawText();

        Assert.That(before, Is.False);
        Assert.That(rows, Is.EqualTo("[[60]]"));
        Assert.That(endless.IsCompleted, Is.False);
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => endless);
    }

    private const string Endless = "select count(*) from range(1000000000000) as t(i) where hash(i) % 7 = 9";

    private IReadOnlyList<string> FoldersOfWorkers(Workers? workers = null)
    {
        var folders = (workers ?? _workers).Folders;
        return [.. Directory.GetDirectories(folders.Base).Where(folder => folder != folders.Cache)];
    }

    private List<string> Files(Workers workers) =>
        [.. FoldersOfWorkers(workers).SelectMany(folder => Directory.GetFiles(folder, "*", SearchOption.AllDirectories))];

    private Task<Reading> QueryAsync(
        string sql, JsonElement parameters = default, QueryLimits? limits = null, IReadOnlyList<FileTable>? tables = null,
        Workers? workers = null, Guid? owner = null) =>
        (workers ?? _workers).Engine.QueryAsync(
            owner ?? Settings.Owner, tables ?? [_weather], SqlStatement.Parse(sql, parameters), limits ?? Limits, default);
}
