using System.Net;
using Platform.LocalSupabase.Functions;

namespace Platform.LocalSupabase.Tests.Functions;

public sealed class TimeoutTests : FunctionsTest
{
    internal override FunctionsOptions Options(FunctionsOptions options)
    {
        options.IdleRequestSeconds = 2;
        options.WallClockSeconds = 3;
        return options;
    }

    [Test]
    public async Task A_call_without_an_answer_is_given_up_and_the_next_one_gets_a_new_process()
    {
        Write("silent", """
            Deno.serve((request: Request) =>
              new URL(request.url).search ? new Promise<Response>(() => {}) : Response.json(Deno.env.get("SB_EXECUTION_ID")));
            """);
        var first = await AnswerAsync("silent");

        using (var response = await CallAsync("silent?forever"))
        {
            await ExpectAsync(response, 504, "IDLE_TIMEOUT", relayError: false);
        }

        Assert.That((await AnswerAsync("silent")).GetString(), Is.Not.EqualTo(first.GetString()));
    }

    [Test]
    public async Task An_answer_without_end_is_cut_off()
    {
        Write("endless", """
            Deno.serve(() => new Response(new ReadableStream({
              async pull(controller) {
                controller.enqueue(new TextEncoder().encode("x"));
                await new Promise((go) => setTimeout(go, 100));
              },
            })));
            """);

        using var response = await Client.GetAsync(new Uri("/functions/v1/endless", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(async () => await response.Content.ReadAsStringAsync(), Throws.InstanceOf<HttpRequestException>());
    }
}
