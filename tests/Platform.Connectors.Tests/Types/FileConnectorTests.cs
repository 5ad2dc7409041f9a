using DuckDB.NET.Data;
using MiniExcelLibs;
using Platform.Connectors.Tests.Sources;
using Platform.Connectors.Types;

namespace Platform.Connectors.Tests.Types;

public sealed class FileConnectorTests
{
    private readonly LocalUploads _uploads = new();
    private Workers _workers = null!;
    private FileConnector _connector = null!;

    [OneTimeSetUp]
    public void StartWorkers()
    {
        _workers = new Workers();
        _connector = new FileConnector(_workers.Engine, _uploads, _workers.Cache, TimeProvider.System);
    }

    [OneTimeTearDown]
    public void EndWorkers() => _workers.Dispose();

    [Test]
    public async Task Queries_a_csv_file_under_its_table_name()
    {
        var settings = Of(Workers.Data("seattle-weather-excerpt.csv"), "csv", "weather");

        var result = await _connector.QueryAsync(
            settings, Settings.Query("select date, temp_max, weather from weather order by date limit 1"), default);
        var tables = await _connector.DiscoverAsync(settings, null, default);

        Assert.That(result.Json(), Is.EqualTo("""[["2012-01-01",12.8,"drizzle"]]"""));
        Assert.That(result.Types(), Is.EqualTo("date double text"));
        Assert.That(tables.Single().Name, Is.EqualTo("weather"));
        Assert.That(
            string.Join(' ', tables.Single().Columns.Select(column => $"{column.Name}:{column.Type}")),
            Is.EqualTo("date:date precipitation:double temp_max:double temp_min:double wind:double weather:text"));
    }

    [Test]
    public async Task Reads_ragged_json()
    {
        var settings = Of(Workers.Data("movies-excerpt.json"), "json", "movies");

        var result = await _connector.QueryAsync(
            settings, Settings.Query("""select count(*), count("IMDB Rating"), max("US Gross") from movies"""), default);

        Assert.That(result.Json(), Is.EqualTo("[[50,43,210614939]]"));
    }

    [Test]
    public async Task Reads_a_workbook_with_its_types()
    {
        var path = Path.Combine(_workers.Folders.Cache, "book.xlsx");
        object?[] rows =
        [
            new { Id = 1, Price = 1.5, Day = new DateTime(
                2026, 1, 31), At = new DateTime(2026, 1, 31, 10, 30, 0), Paid = true, Mixed = "x" as object, Note = "é" },
            new { Id = 2, Price = 2.0, Day = new DateTime(
                2026, 2, 1), At = new DateTime(2026, 2, 1), Paid = false, Mixed = 2 as object, Note = (string?)null },
        ];
        await MiniExcel.SaveAsAsync(path, rows);
        var settings = Of(path, "xlsx", "book");

        var result = await _connector.QueryAsync(settings, Settings.Query("select * from book order by \"Id\""), default);

        Assert.That(result.Types(), Is.EqualTo("integer double date timestamp boolean text text"));
        Assert.That(result.Json(), Is.EqualTo(
            """[[1,1.5,"2026-01-31","2026-01-31T10:30:00",true,"x","é"],[2,2,"2026-02-01","2026-02-01T00:00:00",false,"2",null]]"""));
    }

    [Test]
    public async Task Answers_over_three_million_rows_and_fetches_them_once()
    {
        var path = Path.Combine(_workers.Folders.Cache, "flights.parquet");
        await WriteFlightsAsync(path);
        var settings = Of(path, "parquet", "flights");
        var reads = _uploads.Reads;

        var first = await _connector.QueryAsync(settings, Settings.Query("select count(*) from flights"), default);
        var both = await Task.WhenAll(
            _connector.QueryAsync(settings, Settings.Query("select count(distinct ORIGIN) from flights"), default),
            _connector.QueryAsync(settings, Settings.Query("select count(*) from flights where DISTANCE > 2000"), default));

        Assert.That(first.Json(), Is.EqualTo("[[3000000]]"));
        Assert.That(both[0].Json(), Is.EqualTo("[[300]]"));
        Assert.That(_uploads.Reads, Is.EqualTo(reads + 1));
        TestContext.Out.WriteLine($"first {first.ElapsedMs} ms, then {both[0].ElapsedMs} and {both[1].ElapsedMs} ms");
    }

    [Test]
    public async Task Does_not_fetch_a_file_that_cannot_be_read_for_every_look_at_it()
    {
        var path = Path.Combine(_workers.Folders.Cache, "again.parquet.txt");
        await File.WriteAllTextAsync(path, "nothing");
        var settings = Of(path, "parquet", "broken");
        var reads = _uploads.Reads;

        var first = await _connector.TestAsync(settings, default);
        var second = await _connector.TestAsync(settings, default);

        Assert.That(second with { LatencyMs = 0 }, Is.EqualTo(first with { LatencyMs = 0 }));
        Assert.That(second.Detail, Is.EqualTo("The file is no Parquet file."));
        Assert.That(_uploads.Reads, Is.EqualTo(reads + 1));
    }

    [TestCase("json", "{\"a\": ")]
    [TestCase("parquet", "nothing")]
    [TestCase("xlsx", "nothing")]
    public async Task Says_when_a_file_is_not_what_its_format_says(string format, string content)
    {
        var path = Path.Combine(_workers.Folders.Cache, $"broken.{format}");
        await File.WriteAllTextAsync(path, content);

        var result = await _connector.TestAsync(Of(path, format, "broken"), default);

        Assert.That(result.Code, Is.EqualTo("invalid_config"), result.Detail);
        Assert.That(result.Detail, Is.Not.Empty.And.Not.Contain(_workers.Folders.Base));
    }

    [Test]
    public void Does_not_find_the_upload_of_somebody_else()
    {
        var stranger = new Guid("01900000-0000-7000-8000-0000000000ff");
        var settings = Of(Workers.Data("stocks-excerpt.csv"), "csv", "stocks") with { OwnerId = stranger };

        var exception = Assert.ThrowsAsync<SourceException>(
            () => _connector.QueryAsync(settings, Settings.Query("select 1 from stocks"), default));

        Assert.That(exception.Code, Is.EqualTo("invalid_config"));
    }

    private ConnectorSettings Of(
        string path, string format, string table) => Settings.Of(new { upload_id = _uploads.Add(path), format, table });

    private static async Task WriteFlightsAsync(string path)
    {
        await using var database = new DuckDBConnection("DataSource=:memory:");
        await database.OpenAsync();
        await using var command = database.CreateCommand();
        command.CommandText =
            $"""
            copy (select date '2001-01-01' + (i % 180)::int as DATE, 'A' || i % 300 as ORIGIN, i * 7919 % 4900 as DISTANCE from range(3000000) as r (i))
            to '{path}' (format parquet)
            """;
        await command.ExecuteNonQueryAsync();
    }
}
