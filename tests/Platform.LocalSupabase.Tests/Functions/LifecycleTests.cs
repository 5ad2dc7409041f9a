using System.Net;
using Microsoft.Extensions.Logging;
using Platform.LocalSupabase.Functions;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Functions;

public sealed class LifecycleTests : FunctionsTest
{
    internal override FunctionsOptions Options(FunctionsOptions options)
    {
        options.IdleSeconds = 1;
        options.MaxProcesses = 2;
        return options;
    }

    [Test]
    public async Task A_changed_source_is_run_by_the_next_call_and_a_running_call_ends_on_the_old_one()
    {
        WriteFile("_shared/word.ts", "export const word = 'old';");
        Write("changing", """
            import { word } from "../_shared/word.ts";
            Deno.serve(async () => { await new Promise((go) => setTimeout(go, 1500)); return Response.json(word); });
            """);
        var first = AnswerAsync("changing");
        await Log.WaitForAsync("Function changing listens");

        WriteFile("_shared/word.ts", "export const word = 'young';");
        await Task.Delay(300);

        Assert.That((await AnswerAsync("changing")).GetString(), Is.EqualTo("young"));
        Assert.That((await first).GetString(), Is.EqualTo("old"));
    }

    [Test]
    public async Task A_function_that_nobody_calls_is_stopped_and_started_by_the_next_call()
    {
        WriteAnswer("sleepy", "Deno.env.get('SB_EXECUTION_ID')");
        var first = await AnswerAsync("sleepy");

        await Log.WaitForAsync("Idle");

        Assert.That((await AnswerAsync("sleepy")).GetString(), Is.Not.EqualTo(first.GetString()));
    }

    [Test]
    public async Task The_idle_function_makes_room_for_another()
    {
        foreach (var name in new[] { "one", "two", "three" })
        {
            WriteAnswer(name, "1");
            await AnswerAsync(name);
        }

        Assert.That(await Log.WaitForAsync("Idle"), Does.StartWith("Function one stopped"));
    }

    [Test]
    public async Task The_functions_end_with_the_host()
    {
        WriteAnswer("mortal", "1");
        await using (var server = await LocalSupabaseServer.StartAsync(setup: new ServerSetup
        {
            Functions = new FunctionsOptions { Directory = FunctionsFolder },
            Logging = logging => logging.AddProvider(Log).AddFilter<FunctionLog>("Platform.LocalSupabase.Functions", LogLevel.Information),
        }))
        {
            using var client = server.Connect(server.AnonKey);
            using var response = await CallAsync("mortal", client: client);
        }

        Assert.That(await Log.WaitForAsync("Function mortal stopped"), Does.EndWith("Stopped"));
    }

    [Test]
    public async Task Without_Deno_functions_say_what_is_missing_and_everything_else_works()
    {
        WriteAnswer("any", "1");
        await using var server = await LocalSupabaseServer.StartAsync(setup: new ServerSetup
        {
            Functions = new FunctionsOptions { Directory = FunctionsFolder, DenoPath = "/nowhere/deno" },
        });
        using var client = server.Connect(server.AnonKey);

        using var response = await CallAsync("any", client: client);
        using var health = await client.GetAsync(new Uri("/auth/v1/health", UriKind.Relative));

        await ExpectAsync(response, 503, "FUNCTIONS_UNAVAILABLE", relayError: true);
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("/nowhere/deno"));
        Assert.That(health.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_configuration_that_cannot_be_read_opens_no_function()
    {
        WriteAnswer("any", "1");
        WriteFile("../config.toml", "[functions.any\nverify_jwt = false");

        using var response = await CallAsync("any");

        await ExpectAsync(response, 503, "FUNCTIONS_UNAVAILABLE", relayError: true);
    }
}
