using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using DuckDB.NET.Data;

namespace Platform.Benchmarks;

/// <summary>
/// A board of twelve widgets over a Parquet file of three million flights: how long it takes cold and warm, beside DuckDB asked the same
/// twelve queries in this process, in turns.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "A benchmark is a client of the product, not a part of it.")]
internal static class BoardsRun
{
    private const int ColdRuns = 7;
    private const int WarmRuns = 200;

    private static readonly (string Type, string Query)[] Widgets =
    [
        ("number", "select count(*) as flights from flights"),
        ("number", "select avg(delay) as delay from flights"),
        ("number", "select sum(distance) as miles from flights"),
        ("line", "select date_trunc('day', date) as day, count(*) as flights from flights group by all order by 1"),
        ("line", "select date_trunc('day', date) as day, avg(delay) as delay from flights group by all order by 1"),
        ("bar", "select origin, count(*) as flights from flights group by all order by 2 desc, 1 limit 20"),
        ("bar", "select destination, avg(delay) as delay from flights group by all order by 2 desc, 1 limit 20"),
        ("area", "select extract(hour from date) as hour, count(*) as flights, avg(delay) as delay from flights group by all order by 1"),
        ("pie", "select case when delay <= 0 then 'on time' when delay <= 30 then 'late' else 'very late' end as kind, count(*) as flights from flights group by all order by 1"),
        ("scatter", "select origin, avg(distance) as distance, avg(delay) as delay from flights group by all order by 1"),
        ("table", "select origin, destination, count(*) as flights, avg(delay) as delay from flights group by all order by 3 desc, 1, 2 limit 50"),
        ("bar", "select (distance // 250) * 250 as miles, count(*) as flights from flights group by all order by 1"),
    ];

    public static async Task RunAsync(HostProcess host, string file, string token)
    {
        using var api = new HttpClient { BaseAddress = host.Url };
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var board = await MakeBoardAsync(api, file);

        Bare(file);
        var first = await OpenAsync(api, board, maxAge: null);
        Console.WriteLine();
        Console.WriteLine($"board of {Widgets.Length} widgets over {new FileInfo(file).Length / 1024 / 1024} MiB of Parquet, 3 million rows");
        Console.WriteLine($"first of all (file fetched, workers started)  {first.TotalMilliseconds,8:F0} ms");
        var (cold, bare) = (new List<double>(), new List<double>());
        for (var run = 0; run < ColdRuns; run++)
        {
            bare.Add(Bare(file).TotalMilliseconds);
            cold.Add((await OpenAsync(api, board, maxAge: 0)).TotalMilliseconds);
        }

        Console.WriteLine($"cold, every widget asks its source            {Median(cold),8:F0} ms (median of {ColdRuns}): {Median(cold) / Median(bare):F2} of the bare time");
        Console.WriteLine($"  bare DuckDB, the same queries one by one    {Median(bare),8:F0} ms");

        var warm = new List<double>();
        for (var run = 0; run < WarmRuns; run++)
        {
            warm.Add((await OpenAsync(api, board, maxAge: 3600)).TotalMilliseconds);
        }

        warm.Sort();
        Console.WriteLine($"warm, from the cache  p50 {Median(warm):F1} ms   p99 {warm[WarmRuns * 99 / 100]:F1} ms");
    }

    private static async Task<string> MakeBoardAsync(HttpClient api, string file)
    {
        using var form = new MultipartFormDataContent { { new StreamContent(File.OpenRead(file)), "file", "flights.parquet" } };
        var upload = await ReadAsync(await api.PostAsync(new Uri("/api/v1/uploads", UriKind.Relative), form), "upload_id");
        var connector = await PostAsync(api, "/api/v1/connectors", new
        {
            name = "Flights", type = "file", config = new { upload_id = upload, format = "parquet", table = "flights" },
        });
        var board = await PostAsync(api, "/api/v1/dashboards", new { name = "Flights" });
        foreach (var (type, query) in Widgets)
        {
            await PostAsync(api, $"/api/v1/dashboards/{board}/widgets", new { type, connector_id = connector, data_query = new { query } });
        }

        return $"/api/v1/dashboards/{board}/data";
    }

    private static async Task<TimeSpan> OpenAsync(HttpClient api, string path, int? maxAge)
    {
        var began = Stopwatch.GetTimestamp();
        using var response = await api.PostAsJsonAsync(path, new { max_age = maxAge });
        var body = await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
        var took = Stopwatch.GetElapsedTime(began);
        var lines = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var failed = lines.FirstOrDefault(line => !line.Contains("\"status\":\"ok\"", StringComparison.Ordinal));
        return failed is null && lines.Length == Widgets.Length
            ? took
            : throw new InvalidOperationException($"A widget could not be read: {failed ?? body}");
    }

    // As a program would that has nothing but DuckDB: one connection, all threads, all rows read.
    private static TimeSpan Bare(string file)
    {
        var began = Stopwatch.GetTimestamp();
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"create view flights as select * from read_parquet('{file}')";
        command.ExecuteNonQuery();
        foreach (var (_, query) in Widgets)
        {
            command.CommandText = query;
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                for (var column = 0; column < reader.FieldCount; column++)
                {
                    _ = reader.GetValue(column);
                }
            }
        }

        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task<string> PostAsync(HttpClient api, string path, object body) => await ReadAsync(await api.PostAsJsonAsync(path, body), "id");

    private static async Task<string> ReadAsync(HttpResponseMessage response, string member)
    {
        using (response)
        {
            var body = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode
                ? JsonDocument.Parse(body).RootElement.GetProperty(member).GetString()!
                : throw new InvalidOperationException(body);
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
