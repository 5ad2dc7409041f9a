using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using DuckDB.NET.Data;
using Npgsql;

namespace Platform.Benchmarks;

/// <summary>
/// A table of a million rows into a dataset: whole, and by a cursor. Beside it, in turns, the bare limit: <c>copy</c> out of the same source
/// into a file, and a bare Parquet writer over that file.
/// </summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "A benchmark is a client of the product, not a part of it.")]
internal static class SyncRun
{
    private const int Rounds = 3;

    public static async Task RunAsync(HostProcess host, string token, string folder, int rows)
    {
        using var source = SourceServer.Start();
        await source.ExecuteAsync(
            $"""
            create table orders (
              id bigint primary key, customer text not null, total numeric(12,2), placed_at timestamptz, is_paid boolean, note text,
              changed bigint not null);
            insert into orders select i, 'customer ' || i % 5000, i * 1.25, timestamptz '2026-01-01Z' + i * interval '7 seconds', i % 3 = 0,
              case when i % 4 > 0 then 'note, with a "quote" ' || md5(i::text) end, i from generate_series(1, {rows}) as i;
            create index on orders (changed);
            analyze orders
            """);
        using var api = new HttpClient { BaseAddress = host.Url };
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var connector = await ConnectAsync(api, source);
        var (bare, full, incremental, work) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var before = host.ResidentMegabytes;
        // The first round warms everything, and is not counted.
        for (var round = 0; round <= Rounds; round++)
        {
            var seconds = await BareAsync(source, Path.Combine(folder, "bare"));
            var cpu = host.CpuTime;
            var whole = await SyncAsync(api, connector, rows);
            cpu = host.CpuTime - cpu;
            await SetModeAsync(api, connector, new { mode = "incremental", cursor_column = "changed" });
            var byCursor = await SyncAsync(api, connector, rows);
            await SetModeAsync(api, connector, new { mode = "full" });
            if (round > 0)
            {
                bare.Add(seconds);
                full.Add(whole);
                incremental.Add(byCursor);
                work.Add(cpu.TotalSeconds);
            }
        }

        Console.WriteLine();
        Console.WriteLine($"syncs, {rows:N0} rows, medians of {Rounds}");
        Console.WriteLine($"  copy and a bare Parquet writer  {rows / Median(bare),10:N0} rows/s");
        Console.WriteLine($"  full sync                       {rows / Median(full),10:N0} rows/s   {Median(bare) / Median(full),6:P0} of it, {Median(work):F2} s of the Host's CPU");
        Console.WriteLine($"  incremental, from nothing       {rows / Median(incremental),10:N0} rows/s   {Median(bare) / Median(incremental),6:P0} of it");
        await ChangeAsync(api, connector, source, rows);
        Console.WriteLine($"  resident memory of the Host     {before:F0} MiB before, {host.PeakResidentMegabytes:F0} MiB at most");
    }

    // A hundredth of the rows has changed since.
    private static async Task ChangeAsync(HttpClient api, string connector, SourceServer source, int rows)
    {
        await SetModeAsync(api, connector, new { mode = "incremental", cursor_column = "changed" });
        await SyncAsync(api, connector, rows);
        await source.ExecuteAsync($"update orders set note = 'changed', changed = {rows} + id where id % 100 = 0");
        var seconds = await SyncAsync(api, connector, null);
        Console.WriteLine($"  incremental, {rows / 100:N0} changes     {seconds,10:F2} s");
    }

    private static async Task<double> BareAsync(SourceServer source, string path)
    {
        var started = Stopwatch.GetTimestamp();
        await using (var connection = new NpgsqlConnection(source.ConnectionString))
        {
            await connection.OpenAsync();
            await using var copy = await connection.BeginTextExportAsync("copy orders to stdout (format csv)");
            await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
            await copy.BaseStream.CopyToAsync(file, 1 << 20);
        }

        await using (var database = new DuckDBConnection("Data Source=:memory:"))
        {
            await database.OpenAsync();
            await using var command = database.CreateCommand();
            command.CommandText =
                $$"""
                set threads = 1;
                copy (select * from read_csv('{{path}}', auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', nullstr = '',
                  columns = {id: 'BIGINT', customer: 'VARCHAR', total: 'DECIMAL(12,2)', placed_at: 'TIMESTAMPTZ', is_paid: 'BOOLEAN', note: 'VARCHAR',
                    changed: 'BIGINT'}))
                to '{{path}}.parquet' (format parquet, compression zstd)
                """;
            await command.ExecuteNonQueryAsync();
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<string> ConnectAsync(HttpClient api, SourceServer source)
    {
        var created = await SendAsync(api, HttpMethod.Post, "/api/v1/connectors", new
        {
            name = "Orders",
            type = "postgres",
            config = new { host = "localhost", port = source.Port, database = "postgres", username = "owner", ssl_mode = "disable" },
        });
        return $"/api/v1/connectors/{created.GetProperty("id").GetString()}";
    }

    private static Task<JsonElement> SetModeAsync(HttpClient api, string connector, object mode) =>
        SendAsync(api, HttpMethod.Patch, $"{connector}/streams/orders", mode);

    /// <returns>Seconds from the request to the end.</returns>
    private static async Task<double> SyncAsync(HttpClient api, string connector, int? rows)
    {
        var sync = await SendAsync(api, HttpMethod.Post, $"{connector}/sync", new { streams = new[] { "orders" } });
        var path = $"/api/v1/syncs/{sync.GetProperty("id").GetString()}";
        while (sync.GetProperty("status").GetString() is "queued" or "running")
        {
            await Task.Delay(20);
            sync = await api.GetFromJsonAsync<JsonElement>(path);
        }

        if (sync.GetProperty("status").GetString() != "succeeded" || (rows is not null && sync.GetProperty("rows_read").GetInt64() != rows))
        {
            throw new InvalidOperationException(sync.GetRawText());
        }

        return (sync.GetProperty("completed_at").GetDateTimeOffset() - sync.GetProperty("created_at").GetDateTimeOffset()).TotalSeconds;
    }

    private static async Task<JsonElement> SendAsync(HttpClient api, HttpMethod method, string path, object body)
    {
        using var request = new HttpRequestMessage(method, path) { Content = JsonContent.Create(body) };
        using var response = await api.SendAsync(request);
        return await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
