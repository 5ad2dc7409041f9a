using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platform.Testing;

/// <summary>The product as a process of its own, for tests that kill it.</summary>
public sealed class HostProcess : IDisposable
{
    private readonly Process _process;
    private readonly List<string> _output = [];

    private HostProcess(Process process, string url) => (_process, Url) = (process, url);

    /// <summary>The base URL.</summary>
    public string Url { get; }

    /// <summary>The process's id.</summary>
    public int Id => _process.Id;

    /// <summary>What it printed, for a failure's message.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <summary>Starts the Host on a data directory and waits until it is ready.</summary>
    public static async Task<HostProcess> StartAsync(string dataDirectory, string url, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Platform.Host.dll"));
        start.Environment["Platform__DataDirectory"] = dataDirectory;
        start.Environment["ASPNETCORE_URLS"] = url;
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new InvalidOperationException("The Host did not start.");
        var host = new HostProcess(process, url);
        process.OutputDataReceived += (_, line) => host.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => host.Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var client = TestClients.Create(url);
        var started = TimeProvider.System.GetTimestamp();
        while (!await IsReadyAsync(client))
        {
            Assert.That(process.HasExited, Is.False, host.Output);
            Assert.That(TimeProvider.System.GetElapsedTime(started), Is.LessThan(TimeSpan.FromSeconds(90)), host.Output);
            await Task.Delay(50);
        }

        return host;
    }

    /// <summary>A client without an account.</summary>
    public HttpClient CreateClient() => TestClients.Create(Url);

    /// <summary>Signs a new person up, and gives a client that is signed in.</summary>
    public Task<HttpClient> SignUpAsync(string dataDirectory, string email) => AuthenticateAsync(dataDirectory, "signup", email);

    /// <summary>Signs somebody in who has signed up like that, and gives a client with the claims of now.</summary>
    public Task<HttpClient> SignInAsync(string dataDirectory, string email) =>
        AuthenticateAsync(dataDirectory, "token?grant_type=password", email);

    private async Task<HttpClient> AuthenticateAsync(string dataDirectory, string route, string email)
    {
        var client = TestClients.Create(Url);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/auth/v1/{route}")
        {
            Content = JsonContent.Create(new { email, password = "a long enough password" }),
        };
        request.Headers.Add("apikey", ReadConnection(dataDirectory).GetProperty("anon_key").GetString());
        using var response = await client.SendAsync(request);
        var session = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        client.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Bearer", session.GetProperty("access_token").GetString());
        return client;
    }

    /// <summary>Reads the keys that the Host has written.</summary>
    public static JsonElement ReadConnection(string dataDirectory) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(dataDirectory, "connection.json"))).RootElement;

    /// <summary>A port that is free now.</summary>
    public static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Kills it as a power cut would: kill -9, no chance to tidy up.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Freezes it: SIGSTOP.</summary>
    public void Freeze() => Signal("-STOP");

    /// <summary>Lets it go on: SIGCONT.</summary>
    public void Thaw() => Signal("-CONT");

    /// <summary>Asks it to stop, and waits until it has.</summary>
    public async Task StopAsync()
    {
        Signal("-TERM");
        await _process.WaitForExitAsync();
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var response = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.Add(line ?? "");
        }
    }
}
