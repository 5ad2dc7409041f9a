using System.Diagnostics;
using System.Text;

namespace Platform.Benchmarks;

/// <summary>A warm function through the Host, beside the same handler called at its own Deno process, in turns.</summary>
internal sealed class FunctionsRun : IDisposable
{
    private const string Handler = "async (request) => Response.json({ length: (await request.text()).length })";
    private const string Body = """{"name":"Functions"}""";
    private const double Seconds = 4;

    private readonly string _project = System.IO.Directory.CreateTempSubdirectory("platform-bench-functions-").FullName;

    public FunctionsRun()
    {
        System.IO.Directory.CreateDirectory(Path.Combine(Directory, "hello"));
        File.WriteAllText(Path.Combine(Directory, "hello", "index.ts"), $"Deno.serve({Handler.Replace("(request)", "(request: Request)", StringComparison.Ordinal)});");
        File.WriteAllText(Path.Combine(_project, "direct.js"), $"Deno.serve({{ port: 0, hostname: \"127.0.0.1\", onListen: ({{ port }}) => console.log(port) }}, {Handler});");
    }

    public string Directory => Path.Combine(_project, "functions");

    public async Task RunAsync(HostProcess host)
    {
        var key = host.Connection.GetProperty("anon_key").GetString();
        var through = Request($"POST /functions/v1/hello HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n");
        var plain = Request("POST /hello HTTP/1.1\r\nHost: localhost\r\n");
        using var direct = StartDirect();
        try
        {
            var directUrl = new Uri($"http://127.0.0.1:{await direct.StandardOutput.ReadLineAsync()}");
            var cold = await LoadGenerator.RunAsync(host.Url, 1, 0.05, _ => through);
            Console.WriteLine($"first call, process started      {cold.P50,8:F0} ms");
            foreach (var connections in new[] { 1, 16 })
            {
                await LoadGenerator.RunAsync(host.Url, connections, Seconds, _ => through);
                await LoadGenerator.RunAsync(directUrl, connections, Seconds / 2, _ => plain);
                var handler = await LoadGenerator.RunAsync(directUrl, connections, Seconds, _ => plain);
                var function = await LoadGenerator.RunAsync(host.Url, connections, Seconds, _ => through);
                Console.WriteLine($"{connections} connections: a call adds {function.P50 - handler.P50:F2} ms at the median");
                Console.WriteLine($"  function {function}");
                Console.WriteLine($"  direct   {handler}");
            }
        }
        finally
        {
            direct.Kill();
        }
    }

    public void Dispose() => System.IO.Directory.Delete(_project, recursive: true);

    private static byte[] Request(string head) =>
        Encoding.ASCII.GetBytes($"{head}Content-Type: application/json\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");

    /// <summary>The one that <c>./dev bench functions</c> has installed.</summary>
    private static string Deno() => System.IO.Directory.GetFiles(
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../../supabase/node_modules/@deno")),
        "deno",
        SearchOption.AllDirectories).Single();

    private Process StartDirect()
    {
        var start = new ProcessStartInfo(
            Deno(), ["run", "--quiet", "--no-config", "--allow-net", Path.Combine(_project, "direct.js")])
        {
            RedirectStandardOutput = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("Deno did not start.");
    }
}
