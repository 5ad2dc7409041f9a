using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Platform.Benchmarks;

/// <summary>The product in a process of its own, as <c>./dev up</c> runs it.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;

    private HostProcess(Process process, Uri url, JsonElement connection, TimeSpan startUp) =>
        (_process, Url, Connection, StartUp) = (process, url, connection, startUp);

    public Uri Url { get; }

    public int Id => _process.Id;

    public JsonElement Connection { get; }

    /// <summary>From the start of the process to the first 200 of <c>/health/ready</c>.</summary>
    public TimeSpan StartUp { get; }

    /// <summary>Resident memory in MiB.</summary>
    public double ResidentMegabytes => ReadStatus("VmRSS:") / 1024.0;

    /// <summary>The most resident memory so far, in MiB.</summary>
    public double PeakResidentMegabytes => ReadStatus("VmHWM:") / 1024.0;

    /// <summary>What the process has used of the processors so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<HostProcess> StartAsync(
        string program, string dataDirectory, int port, HttpClient client, params (string Name, string Value)[] settings)
    {
        var url = new Uri($"http://127.0.0.1:{port}");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Platform__DataDirectory"] = dataDirectory;
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        start.Environment["ASPNETCORE_URLS"] = url.ToString().TrimEnd('/');
        start.Environment["Logging__LogLevel__Default"] = "Warning";
        // As ./dev up sets it.
        start.Environment["DOTNET_GCgen0size"] = "1000000";
        var started = Stopwatch.GetTimestamp();
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => Console.Error.WriteLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!await IsReadyAsync(client, url))
        {
            if (process.HasExited || Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(60))
            {
                throw new InvalidOperationException("The Host did not get ready.");
            }

            await Task.Delay(10);
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        var connection = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(dataDirectory, "connection.json"))).RootElement;
        return new HostProcess(process, url, connection, elapsed);
    }

    /// <summary>All that was allocated so far, in bytes, from the runtime's own counter.</summary>
    public async Task<double> AllocatedBytesAsync(HttpClient client)
    {
        var metrics = await client.GetStringAsync(new Uri(Url, "/metrics"));
        var line = metrics.Split('\n').First(line => line.StartsWith("dotnet_gc_heap_total_allocated_bytes_total", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, Uri url)
    {
        try
        {
            using var response = await client.GetAsync(new Uri(url, "/health/ready"));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private double ReadStatus(string name) =>
        double.Parse(
            File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal))
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1],
            CultureInfo.InvariantCulture);
}
