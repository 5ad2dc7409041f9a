using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Platform.Benchmarks;

/// <summary>One run: the product and the bare limit beside each other, in turns, under the same load on the same rows.</summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "A benchmark is a client of the product, not a part of it.")]
internal static class BenchmarkRun
{
    private const int Connections = 32;
    private const int OwnRows = 1_000;
    private const int OtherRows = 99_000;
    private const int IdsInPlay = 500;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["realtime"])
        {
            return await RunAloneAsync(async (host, client) =>
            {
                var (token, userId) = await SignUpAsync(client, host);
                await RealtimeRun.RunAsync(host, host.Connection.GetProperty("database_url").GetString()!, token, userId);
            });
        }

        if (arguments is ["signin"])
        {
            return await RunAloneAsync(async (host, client) =>
            {
                await SignInRun.RunAsync(host, client);
                await TokenRun.RunAsync(host, client);
            });
        }

        if (arguments is ["workflows", ..])
        {
            return await RunWorkflowsAsync(arguments.Length > 1 ? double.Parse(arguments[1], System.Globalization.CultureInfo.InvariantCulture) : 8);
        }

        if (arguments is ["fairness"])
        {
            return await RunAloneAsync(async (host, client) => await FairnessRun.RunAsync(
                host, (await SignUpAsync(client, host)).Token, (await SignUpAsync(client, host, "other@example.com")).Token));
        }

        if (arguments is ["boards", var file])
        {
            return await RunAloneAsync(async (host, client) =>
                await BoardsRun.RunAsync(host, Path.GetFullPath(file), (await SignUpAsync(client, host)).Token));
        }

        if (arguments is ["storage"])
        {
            return await RunStorageAsync();
        }

        if (arguments is ["syncs", ..])
        {
            return await RunSyncsAsync(arguments.Length > 1 ? int.Parse(arguments[1], System.Globalization.CultureInfo.InvariantCulture) : 1_000_000);
        }

        if (arguments is ["functions"])
        {
            return await RunFunctionsAsync();
        }

        var seconds = arguments is [var given, ..] ? double.Parse(given, System.Globalization.CultureInfo.InvariantCulture) : 8;
        var (program, dataDirectory) = Places();
        using var client = new HttpClient();
        try
        {
            await MeasureStartUpAsync(program, dataDirectory, client);
            await using var host = await HostProcess.StartAsync(program, dataDirectory, FreePort(), client);
            var databaseUrl = host.Connection.GetProperty("database_url").GetString()!;
            var (token, userId) = await SignUpAsync(client, host);
            var ids = await FillAsync(databaseUrl, userId);
            using var bare = StartBare(databaseUrl, userId);
            var bareUrl = new Uri((await bare.StandardOutput.ReadLineAsync())!);
            try
            {
                await CompareAsync(host, bareUrl, client, token, ids, seconds);
            }
            finally
            {
                bare.Kill();
            }

            await RealtimeRun.RunAsync(host, databaseUrl, token, userId);
            Console.WriteLine($"resident memory after the load   {host.ResidentMegabytes,6:F0} MiB");
        }
        finally
        {
            if (Directory.Exists(dataDirectory))
            {
                Directory.Delete(dataDirectory, recursive: true);
            }
        }

        return 0;
    }

    private static async Task<int> RunAloneAsync(Func<HostProcess, HttpClient, Task> measure)
    {
        var (program, dataDirectory) = Places();
        using var client = new HttpClient();
        try
        {
            await using var host = await HostProcess.StartAsync(program, dataDirectory, FreePort(), client);
            await measure(host, client);
        }
        finally
        {
            Directory.Delete(dataDirectory, recursive: true);
        }

        return 0;
    }

    private static async Task<int> RunWorkflowsAsync(double seconds)
    {
        var (program, dataDirectory) = Places();
        using var client = new HttpClient();
        try
        {
            await using var host = await HostProcess.StartAsync(program, dataDirectory, FreePort(), client);
            var (token, _) = await SignUpAsync(client, host);
            await WorkflowRun.RunAsync(host, client, token, seconds);
        }
        finally
        {
            Directory.Delete(dataDirectory, recursive: true);
        }

        return 0;
    }

    private static async Task<int> RunStorageAsync()
    {
        var (program, dataDirectory) = Places();
        using var client = new HttpClient();
        try
        {
            await using var host = await HostProcess.StartAsync(program, dataDirectory, FreePort(), client);
            await StorageRun.RunAsync(host, dataDirectory, client);
        }
        finally
        {
            Directory.Delete(dataDirectory, recursive: true);
        }

        return 0;
    }

    private static async Task<int> RunSyncsAsync(int rows)
    {
        var (program, dataDirectory) = Places();
        using var client = new HttpClient();
        try
        {
            await using var host = await HostProcess.StartAsync(program, dataDirectory, FreePort(), client);
            var (token, _) = await SignUpAsync(client, host);
            await SyncRun.RunAsync(host, token, dataDirectory, rows);
        }
        finally
        {
            Directory.Delete(dataDirectory, recursive: true);
        }

        return 0;
    }

    private static async Task<int> RunFunctionsAsync()
    {
        var (program, dataDirectory) = Places();
        using var client = new HttpClient();
        using var functions = new FunctionsRun();
        try
        {
            await using var host = await HostProcess.StartAsync(
                program, dataDirectory, FreePort(), client, ("Functions__Directory", functions.Directory));
            await functions.RunAsync(host);
        }
        finally
        {
            Directory.Delete(dataDirectory, recursive: true);
        }

        return 0;
    }

    private static (string Program, string DataDirectory) Places() => (
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../src/Host/bin/Release/net10.0/Platform.Host")),
        Path.Combine(Path.GetTempPath(), $"platform-bench-{Path.GetRandomFileName()}"));

    private static async Task MeasureStartUpAsync(string program, string dataDirectory, HttpClient client)
    {
        await using (var first = await HostProcess.StartAsync(program, dataDirectory, FreePort(), client))
        {
            Console.WriteLine($"first start, cluster made        {first.StartUp.TotalSeconds,6:F2} s");
        }

        await using (var second = await HostProcess.StartAsync(program, dataDirectory, FreePort(), client))
        {
            Console.WriteLine($"start afterwards                 {second.StartUp.TotalSeconds,6:F2} s");
            await Task.Delay(TimeSpan.FromSeconds(5));
            Console.WriteLine($"resident memory, idle            {second.ResidentMegabytes,6:F0} MiB");
        }
    }

    private static async Task CompareAsync(HostProcess host, Uri bareUrl, HttpClient client, string token, Guid[] ids, double seconds)
    {
        var names = 0;
        Guid Next(int turn) => ids[turn % ids.Length];
        var cases = new (string Name, Func<int, byte[]> Ours, Func<int, byte[]> Bare)[]
        {
            ("get by id", turn => Request("GET", $"/api/v1/dashboards/{Next(turn)}", token), turn => Request("GET", $"/dashboards/{Next(turn)}", null)),
            ("list of 25", _ => Request("GET", "/api/v1/dashboards?limit=25", token), _ => Request("GET", "/dashboards", null)),
            ("insert",
                _ => Request("POST", "/api/v1/dashboards", token, $$"""{"name":"p{{Interlocked.Increment(ref names)}}"}"""),
                _ => Request("POST", "/dashboards", null, $$"""{"name":"b{{Interlocked.Increment(ref names)}}"}""")),
            ("update",
                turn => Request("PATCH", $"/api/v1/dashboards/{Next(turn)}", token, $$"""{"description":"d{{turn}}"}"""),
                turn => Request("PATCH", $"/dashboards/{Next(turn)}", null, $$"""{"description":"d{{turn}}"}""")),
        };
        foreach (var (name, ours, bare) in cases)
        {
            // Warm both until the JIT has nothing left to do, then measure in turns, so that neither has the quieter half of the run.
            await LoadGenerator.RunAsync(host.Url, Connections, seconds * 1.5, ours);
            await LoadGenerator.RunAsync(bareUrl, Connections, seconds, bare);
            var before = await host.AllocatedBytesAsync(client);
            var first = await LoadGenerator.RunAsync(host.Url, Connections, seconds / 2, ours);
            var allocated = (await host.AllocatedBytesAsync(client) - before) / (first.PerSecond * seconds / 2);
            var limit = await LoadGenerator.RunAsync(bareUrl, Connections, seconds, bare);
            var second = await LoadGenerator.RunAsync(host.Url, Connections, seconds / 2, ours);
            var product = first with
            {
                PerSecond = (first.PerSecond + second.PerSecond) / 2,
                Failures = first.Failures + second.Failures,
                FirstFailure = first.FirstFailure ?? second.FirstFailure,
            };
            Console.WriteLine();
            Console.WriteLine($"{name} at {Connections} connections: {product.PerSecond / limit.PerSecond:P0} of the bare limit, {allocated / 1024:F1} KiB allocated a request");
            Console.WriteLine($"  platform {product}");
            Console.WriteLine($"  bare     {limit}");
        }
    }

    private static byte[] Request(string method, string path, string? token, string? body = null)
    {
        var request = new StringBuilder($"{method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        if (token is not null)
        {
            request.Append("Authorization: Bearer ").Append(token).Append("\r\n");
        }

        if (body is not null)
        {
            request.Append("Content-Type: application/json\r\nContent-Length: ").Append(body.Length).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(request.Append("\r\n").Append(body).ToString());
    }

    private static async Task<(string Token, Guid UserId)> SignUpAsync(
        HttpClient client, HostProcess host, string email = "bench@example.com")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Url, "/auth/v1/signup"))
        {
            Content = JsonContent.Create(new { email, password = "a long enough password" }),
        };
        request.Headers.Add("apikey", host.Connection.GetProperty("anon_key").GetString());
        using var response = await client.SendAsync(request);
        var session = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        return (session.GetProperty("access_token").GetString()!, session.GetProperty("user").GetProperty("id").GetGuid());
    }

    private static async Task<Guid[]> FillAsync(string databaseUrl, Guid userId)
    {
        await using var connection = new NpgsqlConnection(ConnectionString.Of(databaseUrl));
        await connection.OpenAsync();
        // The rows are there as if they always had been: no version of each is kept.
        await using (var quiet = new NpgsqlCommand("set session_replication_role = replica", connection))
        {
            await quiet.ExecuteNonQueryAsync();
        }

        await using (var writer = await connection.BeginBinaryImportAsync("copy dashboards.dashboards (id, user_id, name, description) from stdin (format binary)"))
        {
            for (var row = 0; row < OwnRows + OtherRows; row++)
            {
                var owner = row % ((OwnRows + OtherRows) / OwnRows) == 0 ? userId : new Guid(row / 1000 + 1, 0, 0, new byte[8]);
                await writer.StartRowAsync();
                await writer.WriteAsync(Guid.CreateVersion7());
                await writer.WriteAsync(owner);
                await writer.WriteAsync($"dashboard {row}");
                await writer.WriteAsync("A board of the benchmark");
            }

            await writer.CompleteAsync();
        }

        await using (var analyze = new NpgsqlCommand("vacuum analyze dashboards.dashboards", connection))
        {
            await analyze.ExecuteNonQueryAsync();
        }

        await using var command = new NpgsqlCommand("select id from dashboards.dashboards where user_id = $1 limit $2", connection)
        {
            Parameters = { new() { Value = userId }, new() { Value = IdsInPlay } },
        };
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new List<Guid>();
        while (await reader.ReadAsync())
        {
            ids.Add(reader.GetGuid(0));
        }

        return [.. ids];
    }

    private static Process StartBare(string databaseUrl, Guid userId)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in new[] { "bare-server", databaseUrl, userId.ToString() })
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start) ?? throw new InvalidOperationException("The bare server did not start.");
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
