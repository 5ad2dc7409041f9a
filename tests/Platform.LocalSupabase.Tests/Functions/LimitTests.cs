using System.Diagnostics;
using System.Net;
using Platform.LocalSupabase.Functions;

namespace Platform.LocalSupabase.Tests.Functions;

/// <summary>What a function does to itself stops with itself: a neighbour that is called all the while answers every call.</summary>
public sealed class LimitTests : FunctionsTest
{
    internal override FunctionsOptions Options(FunctionsOptions options)
    {
        options.CpuSeconds = 1;
        options.MemoryMegabytes = 128;
        options.MaxConcurrentCalls = 3;
        options.BootSeconds = 3;
        return options;
    }

    [TestCase("loop", "for (;;) {}", "OverCpu")]
    [TestCase("buffers", "const all: Uint8Array[] = []; for (;;) { all.push(new Uint8Array(1e6).fill(1)); await new Promise((go) => setTimeout(go)); }", "OverMemory")]
    [TestCase("objects", "const all: unknown[] = []; for (;;) { all.push({ number: Math.random(), list: [1, 2, 3] }); }", "OverMemory")]
    public async Task A_function_without_end_is_stopped_and_its_neighbour_notices_nothing(string name, string code, string reason)
    {
        Write(name, $$"""Deno.serve(async () => { {{code}} return new Response(); });""");
        WriteAnswer("neighbour", "1");
        await AnswerAsync("neighbour");

        var broken = CallAsync(name);
        var neighbour = new List<TimeSpan>();
        while (!broken.IsCompleted)
        {
            var started = Stopwatch.GetTimestamp();
            Assert.That((await AnswerAsync("neighbour")).GetInt32(), Is.EqualTo(1));
            neighbour.Add(Stopwatch.GetElapsedTime(started));
        }

        using var response = await broken;
        await ExpectAsync(response, 546, "WORKER_LIMIT", relayError: false);
        await Log.WaitForAsync($"Function {name} was stopped");
        Assert.That(Log.ToString(), Does.Contain(reason));
        Assert.That(neighbour.Max(), Is.LessThan(TimeSpan.FromSeconds(2)), "the slowest call of the neighbour");
    }

    [Test]
    public async Task A_buffer_that_is_asked_for_at_once_is_not_given()
    {
        WriteAnswer("greedy", "(() => { try { return new Uint8Array(3e9).fill(1).length; } catch (error) { return String(error); } })()");

        Assert.That((await AnswerAsync("greedy")).GetString(), Does.Contain("allocation failed"));
    }

    [Test]
    public async Task More_calls_at_once_than_may_run_are_refused()
    {
        Write("slow", "Deno.serve(async () => { await new Promise((go) => setTimeout(go, 1000)); return new Response(); });");
        using var warm = await CallAsync("slow");

        var responses = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => CallAsync("slow")));

        Assert.That(responses.Count(response => response.IsSuccessStatusCode), Is.EqualTo(3));
        foreach (var refused in responses.Where(response => !response.IsSuccessStatusCode))
        {
            await ExpectAsync(refused, 429, "TOO_MANY_CALLS", relayError: true);
        }
    }

    [Test]
    public async Task A_crash_ends_its_calls_and_the_next_call_starts_anew()
    {
        Write("crash", """
            Deno.serve(async (request: Request) => {
              if (new URL(request.url).search) {
                setTimeout(() => { throw new Error("out of the blue"); });
                await new Promise(() => {});
              }
              return Response.json("fine");
            });
            """);
        await AnswerAsync("crash");

        using (var response = await CallAsync("crash?now"))
        {
            await ExpectAsync(response, 500, "WORKER_ERROR", relayError: false);
        }

        await Log.WaitForAsync("out of the blue");
        Assert.That((await AnswerAsync("crash")).GetString(), Is.EqualTo("fine"));
    }

    [Test]
    public async Task An_error_in_a_handler_ends_only_its_call()
    {
        Write("thrower", """Deno.serve((request: Request) => { if (request.method === "GET") throw new Error("no"); return Response.json(1); });""");
        await AnswerAsync("thrower");

        using var response = await Client.GetAsync(new Uri("/functions/v1/thrower", UriKind.Relative));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That((await AnswerAsync("thrower")).GetInt32(), Is.EqualTo(1));
        Assert.That(Log.Lines.Count(line => line.StartsWith("Function thrower listens", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [TestCase("throw new Error('no');")]
    [TestCase("this is no program")]
    [TestCase("import './missing.ts';")]
    [TestCase("console.log('never listens'); setTimeout(() => {}, 60000);")]
    public async Task A_function_that_does_not_start_is_tried_again_with_pauses(string source)
    {
        Write("broken", source);

        for (var attempt = 0; attempt < 2; attempt++)
        {
            using var response = await CallAsync("broken");
            await ExpectAsync(response, 503, "BOOT_ERROR", relayError: true);
            Assert.That(response.Headers.RetryAfter, Is.Null);
        }

        using var paused = await CallAsync("broken");
        await ExpectAsync(paused, 503, "BOOT_ERROR", relayError: true);
        Assert.That(paused.Headers.RetryAfter, Is.Not.Null);

        // A corrected source needs no patience.
        WriteAnswer("broken", "'mended'");
        await Task.Delay(300);
        Assert.That((await AnswerAsync("broken")).GetString(), Is.EqualTo("mended"));
    }
}
