using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Functions;
using Platform.LocalSupabase.Tests.Fixture;
using Platform.LocalSupabase.Tests.Postgres;

namespace Platform.LocalSupabase.Tests.Functions;

/// <summary>A server whose functions a test writes itself, in a project folder of its own. No Deno is a failure, never a skip.</summary>
public abstract class FunctionsTest
{
    private TemporaryDirectory _project = null!;

    internal LocalSupabaseServer Server { get; private set; } = null!;

    internal FunctionLog Log { get; private set; } = null!;

    protected HttpClient Client { get; private set; } = null!;

    protected string FunctionsFolder => Path.Combine(_project.Path, "functions");

    [SetUp]
    public async Task StartServerAsync()
    {
        _project = new TemporaryDirectory();
        Directory.CreateDirectory(FunctionsFolder);
        Log = new FunctionLog();
        Server = await LocalSupabaseServer.StartAsync(setup: new ServerSetup
        {
            Functions = Options(new FunctionsOptions { Directory = FunctionsFolder }),
            Logging = logging => logging.AddProvider(Log).AddFilter<FunctionLog>("Platform.LocalSupabase.Functions", LogLevel.Information),
        });
        Client = Server.Connect(Server.AnonKey);
    }

    [TearDown]
    public async Task StopServerAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        _project.Dispose();
        Log.Dispose();
    }

    internal virtual FunctionsOptions Options(FunctionsOptions options) => options;

    /// <summary>Writes a function, which the next call runs.</summary>
    protected void Write(string name, string source) => WriteFile($"{name}/index.ts", source);

    /// <summary>Writes a file below the folder of functions.</summary>
    protected void WriteFile(string path, string content)
    {
        var full = Path.GetFullPath(Path.Combine(FunctionsFolder, path));
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }

    /// <summary>A function that answers with what this expression is for <c>request</c>.</summary>
    protected void WriteAnswer(string name, string expression) =>
        Write(name, $"Deno.serve(async (request: Request) => Response.json({expression}));");

    protected async Task<HttpResponseMessage> CallAsync(string path, string body = "{}", HttpClient? client = null)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await (client ?? Client).PostAsync(new Uri($"/functions/v1/{path}", UriKind.Relative), content);
    }

    protected async Task<JsonElement> AnswerAsync(string path, string body = "{}")
    {
        using var response = await CallAsync(path, body);
        return await ReadAsync(response, HttpStatusCode.OK);
    }

    protected async Task<JsonElement> ReadAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.That(response.StatusCode, Is.EqualTo(status), $"{text}\n{Log}");
        return JsonElement.Parse(text);
    }

    /// <summary>Expects a refusal in the hosted service's words.</summary>
    protected async Task ExpectAsync(HttpResponseMessage response, int status, string code, bool relayError)
    {
        var body = await ReadAsync(response, (HttpStatusCode)status);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(body.GetProperty("code").GetString(), Is.EqualTo(code));
            Assert.That(response.Headers.Contains("x-relay-error"), Is.EqualTo(relayError));
            Assert.That(response.Headers.GetValues("Access-Control-Allow-Origin"), Is.EqualTo(["*"]));
        }
    }
}
