using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Functions;
using Platform.LocalSupabase.Functions.Deno;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Functions;

/// <summary>The functions of this repository: their own tests under Deno, and calls through the server.</summary>
public sealed class ShippedFunctionsTests
{
    private const string Events = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\ndata: [DONE]\n\n";

    [Test]
    public async Task Their_own_tests_pass()
    {
        var start = new ProcessStartInfo(
            DenoProgram.FindDeno(null, Folder()),
            ["test", "--no-lock", "--no-config", "--check", "--allow-net=127.0.0.1", "tests"])
        {
            WorkingDirectory = Folder(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in DenoEnvironment.Fixed(Path.Combine(Path.GetTempPath(), "platform-tests-deno")))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.That(process.ExitCode, Is.Zero, output + await errors);
        Assert.That(output, Does.Contain(" passed").And.Contain("| 0 failed"));
    }

    [Test]
    public async Task The_official_client_calls_them()
    {
        await using var provider = await StartProviderAsync();
        var functions = new FunctionsOptions { Directory = Folder() };
        functions.Secrets["OPENAI_API_KEY"] = "the key of the provider";
        functions.Secrets["OPENAI_BASE_URL"] = $"{provider.Urls.Single()}/v1";
        await using var server = await LocalSupabaseServer.StartAsync(setup: new ServerSetup { Functions = functions });
        await SharedPostgres.SqlAsync(
            """
            drop policy if exists function_pictures on storage.objects;
            create policy function_pictures on storage.objects for all to authenticated
              using (bucket_id = 'function-pictures' and (storage.foldername(name))[1] = (select auth.uid())::text)
            """);

        await NodeJourney.RunAsync("functions.mjs", server);
    }

    [Test]
    public async Task Nobody_who_has_not_signed_in_spends_the_key()
    {
        await using var server = await LocalSupabaseServer.StartAsync(
            setup: new ServerSetup { Functions = new FunctionsOptions { Directory = Folder() } });
        using var client = server.Connect(server.AnonKey);
        using var content = new StringContent("""{"model":"m","messages":[{"role":"user","content":"hi"}]}""");

        using var response = await client.PostAsync(new Uri("/functions/v1/ai-chat", UriKind.Relative), content);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.That(problem.GetProperty("error").GetProperty("code").GetString(), Is.EqualTo("sign_in_required"));
    }

    /// <summary>A provider that speaks OpenAI's stream to whoever has the key.</summary>
    private static async Task<WebApplication> StartProviderAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var provider = builder.Build();
        provider.MapPost("/v1/chat/completions", (HttpContext context) =>
            context.Request.Headers.Authorization == "Bearer the key of the provider"
                ? Results.Text(Events, "text/event-stream")
                : Results.Unauthorized());
        await provider.StartAsync();
        return provider;
    }

    private static string Folder([CallerFilePath] string path = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../supabase/functions"));
}
