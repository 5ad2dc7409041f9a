using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Platform.LocalSupabase.Functions;
using Platform.LocalSupabase.Tests.Fixture;

namespace Platform.LocalSupabase.Tests.Functions;

public sealed class InvokeTests : FunctionsTest
{
    private const string Mirror =
        "{ method: request.method, url: request.url, headers: Object.fromEntries(request.headers), body: await request.text() }";

    internal override FunctionsOptions Options(FunctionsOptions options)
    {
        options.MaxBodyBytes = 64 * 1024;
        options.Secrets["FROM_SETTINGS"] = "a";
        options.Secrets["SUPABASE_URL"] = "http://elsewhere";
        return options;
    }

    [Test]
    public async Task A_function_sees_the_call_as_it_was_made_without_the_prefix()
    {
        WriteAnswer("mirror", Mirror);
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/functions/v1/mirror/a%20b/c?x=1&forceFunctionRegion=eu-west-1")
        {
            Content = new StringContent("the body"),
        };
        request.Headers.Add("x-region", "eu-west-1");
        request.Headers.Add("x-client-info", "tests/1");
        request.Headers.Add("x-forwarded-for", "6.6.6.6");

        using var response = await Client.SendAsync(request);

        var seen = await ReadAsync(response, HttpStatusCode.OK);
        var headers = seen.GetProperty("headers");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(seen.GetProperty("method").GetString(), Is.EqualTo("PATCH"));
            Assert.That(seen.GetProperty("url").GetString(), Is.EqualTo($"{Server.Url}/mirror/a%20b/c?x=1&forceFunctionRegion=eu-west-1"));
            Assert.That(seen.GetProperty("body").GetString(), Is.EqualTo("the body"));
            Assert.That(headers.GetProperty("authorization").GetString(), Is.EqualTo($"Bearer {Server.AnonKey}"));
            Assert.That(headers.GetProperty("apikey").GetString(), Is.EqualTo(Server.AnonKey));
            Assert.That(headers.GetProperty("x-region").GetString(), Is.EqualTo("eu-west-1"));
            Assert.That(headers.GetProperty("x-client-info").GetString(), Is.EqualTo("tests/1"));
            Assert.That(headers.GetProperty("x-forwarded-for").GetString(), Is.EqualTo("127.0.0.1"));
        }
    }

    [Test]
    public async Task An_answer_arrives_with_its_own_status_and_headers_and_says_where_it_was_made()
    {
        Write("teapot", """Deno.serve(() => new Response(new Uint8Array([0, 255]), { status: 418, headers: { "x-mine": "1", "access-control-allow-origin": "https://a.example" } }));""");

        using var response = await CallAsync("teapot");

        using (Assert.EnterMultipleScope())
        {
            Assert.That((int)response.StatusCode, Is.EqualTo(418));
            Assert.That(response.Headers.GetValues("x-mine"), Is.EqualTo(["1"]));
            Assert.That(response.Headers.GetValues("access-control-allow-origin"), Is.EqualTo(["https://a.example"]));
            Assert.That(response.Headers.GetValues("x-sb-edge-region"), Is.EqualTo(["local"]));
            Assert.That(Guid.TryParse(response.Headers.GetValues("x-deno-execution-id").Single(), out _));
            Assert.That(response.Headers.Contains("x-relay-error"), Is.False);
            Assert.That(await response.Content.ReadAsByteArrayAsync(), Is.EqualTo(new byte[] { 0, 255 }));
        }
    }

    [Test]
    public async Task A_function_finds_the_environment_of_the_hosted_service_and_nothing_of_the_host()
    {
        WriteFile(".env", "# secrets\nexport FROM_FILE=\"b c\"\nFROM_SETTINGS=overridden\nSUPABASE_ANON_KEY=stolen\n");
        WriteAnswer("environment", "Deno.env.toObject()");

        var environment = await AnswerAsync("environment");

        string? Of(string name) => environment.TryGetProperty(name, out var value) ? value.GetString() : null;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Of("SUPABASE_URL"), Is.EqualTo(Server.Url));
            Assert.That(Of("SUPABASE_ANON_KEY"), Is.EqualTo(Server.AnonKey));
            Assert.That(Of("SUPABASE_SERVICE_ROLE_KEY"), Is.EqualTo(Server.ServiceRoleKey));
            Assert.That(Of("SUPABASE_DB_URL"), Does.StartWith("postgresql://postgres:"));
            Assert.That(Of("SUPABASE_JWKS"), Does.Contain("\"keys\""));
            Assert.That(Of("SB_REGION"), Is.EqualTo("local"));
            Assert.That(Guid.TryParse(Of("SB_EXECUTION_ID"), out _));
            Assert.That(Of("FROM_FILE"), Is.EqualTo("b c"));
            Assert.That(Of("FROM_SETTINGS"), Is.EqualTo("a"));
            Assert.That(Of("PATH"), Is.Null);
            Assert.That(Of("HOME"), Is.Null);
        }
    }

    [Test]
    public async Task A_body_reaches_the_function_while_it_is_still_sent()
    {
        Write("reader", """
            Deno.serve(async (request: Request) => {
              let length = 0;
              for await (const part of request.body!) {
                length += part.length;
                console.log(`read ${length}`);
              }
              return Response.json(length);
            });
            """);
        using var connection = new TcpClient();
        var server = new Uri(Server.Url);
        await connection.ConnectAsync(server.Host, server.Port);
        await using var stream = connection.GetStream();

        await WriteTextAsync(
            stream,
            $"POST /functions/v1/reader HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {Server.AnonKey}\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n");
        await WriteTextAsync(stream, $"a000\r\n{new string('a', 0xa000)}\r\n");
        // The end is only written once the function has seen the beginning.
        await Log.WaitForAsync("read ");
        await WriteTextAsync(stream, "3\r\nend\r\n0\r\n\r\n");
        await ReadUntilAsync(stream, $"{0xa000 + 3}");
    }

    [Test]
    public async Task Each_event_of_a_stream_arrives_as_it_is_sent()
    {
        Write("events", """
            let release = () => {};
            Deno.serve((request: Request) => {
              if (request.method === "DELETE") {
                release();
                return new Response();
              }
              const encoder = new TextEncoder();
              const body = new ReadableStream({
                async start(controller) {
                  controller.enqueue(encoder.encode("data: one\n\n"));
                  await new Promise<void>((done) => release = done);
                  controller.enqueue(encoder.encode("data: two\n\n"));
                  controller.close();
                },
              });
              return new Response(body, { headers: { "content-type": "text/event-stream" } });
            });
            """);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/functions/v1/events");

        using var response = await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        Assert.That(await reader.ReadLineAsync(), Is.EqualTo("data: one"));
        using var released = await Client.DeleteAsync(new Uri("/functions/v1/events", UriKind.Relative));
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("\ndata: two\n\n"));
    }

    [Test]
    public async Task A_question_of_a_browser_reaches_the_function_without_a_token()
    {
        Write("cors", """
            Deno.serve((request: Request) => request.method === "OPTIONS"
              ? new Response("ok", { headers: { "access-control-allow-origin": "https://app.example", "access-control-allow-headers": "x-mine" } })
              : new Response("no", { status: 500 }));
            """);
        using var visitor = Server.Connect(withKey: false);
        using var request = new HttpRequestMessage(HttpMethod.Options, "/functions/v1/cors");
        request.Headers.Add("Origin", "https://app.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");

        using var response = await visitor.SendAsync(request);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK), Log.ToString());
            Assert.That(response.Headers.GetValues("access-control-allow-origin"), Is.EqualTo(["https://app.example"]));
            Assert.That(response.Headers.GetValues("access-control-allow-headers"), Is.EqualTo(["x-mine"]));
        }
    }

    [Test]
    public async Task Only_a_token_of_this_project_calls_a_function_unless_its_settings_say_otherwise()
    {
        WriteFile("../config.toml", "[functions.open]\nverify_jwt = false\n\n[functions.off]\nenabled = false\n");
        WriteAnswer("closed", "1");
        WriteAnswer("open", "1");
        WriteAnswer("off", "1");
        using var visitor = Server.Connect(withKey: false);
        using var forger = Server.Connect("e30.e30.e30", withKey: false);
        using var old = Server.Connect(LocalSupabaseServer.SignShared(new { role = "authenticated", exp = 1000 }), withKey: false);
        using var nameless = Server.Connect(LocalSupabaseServer.SignShared(new { iat = 1, nbf = 1, exp = 4102444800 }), withKey: false);

        foreach (var refused in new[] { visitor, forger, old })
        {
            using var response = await CallAsync("closed", client: refused);
            await ExpectAsync(response, 401, "UNAUTHORIZED", relayError: true);
        }

        foreach (var (name, client, status) in new[] { ("open", visitor, 200), ("closed", nameless, 200), ("off", nameless, 404) })
        {
            using var response = await CallAsync(name, client: client);
            Assert.That((int)response.StatusCode, Is.EqualTo(status), name);
        }
    }

    [TestCase("unknown")]
    [TestCase("..%2Fsecret")]
    [TestCase("_shared")]
    [TestCase("")]
    public async Task What_is_no_function_is_not_found(string name)
    {
        WriteFile("_shared/index.ts", "Deno.serve(() => new Response());");

        using var response = await CallAsync(name);

        await ExpectAsync(response, 404, "NOT_FOUND", relayError: true);
    }

    [Test]
    public async Task A_body_over_the_limit_is_refused()
    {
        WriteAnswer("length", "(await request.text()).length");
        Assert.That((await AnswerAsync("length", new string('x', 60_000))).GetInt32(), Is.EqualTo(60_000));

        using var response = await CallAsync("length", new string('x', 70_000));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [Test]
    public async Task What_a_function_prints_is_logged_with_its_name_and_execution()
    {
        Write("talker", """Deno.serve(() => { console.log("hello log"); console.error("oh\nno"); return new Response("ok"); });""");

        using var response = await CallAsync("talker");

        var execution = response.Headers.GetValues("x-deno-execution-id").Single();
        Assert.That(await Log.WaitForAsync("hello log"), Is.EqualTo($"[talker {execution}] hello log"));
        Assert.That(await Log.WaitForAsync("no"), Does.StartWith($"[talker {execution}]"));
    }

    [Test]
    public async Task A_module_may_export_its_handler_and_import_shared_code_and_work_on_after_the_answer()
    {
        WriteFile("_shared/words.ts", "export const word = 'shared';");
        WriteFile("modern/deno.json", """{ "imports": { "words": "../_shared/words.ts" } }""");
        Write("modern", """
            import { word } from "words";
            export default {
              fetch() {
                EdgeRuntime.waitUntil(new Promise((done) => setTimeout(done, 50)).then(() => console.log("done later")));
                return Response.json(word);
              },
            };
            """);

        Assert.That((await AnswerAsync("modern")).GetString(), Is.EqualTo("shared"));
        await Log.WaitForAsync("done later");
    }

    [Test]
    public async Task A_socket_is_upgraded()
    {
        Write("socket", """
            Deno.serve((request: Request) => {
              const { socket, response } = Deno.upgradeWebSocket(request);
              socket.onmessage = (event) => socket.send(`you said ${event.data}`);
              return response;
            });
            """);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {Server.AnonKey}");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));

        await socket.ConnectAsync(new Uri($"{Server.Url.Replace("http", "ws", StringComparison.Ordinal)}/functions/v1/socket"), limit.Token);
        await socket.SendAsync(Encoding.UTF8.GetBytes("hi"), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
        var buffer = new byte[100];
        var received = await socket.ReceiveAsync(buffer, limit.Token);

        Assert.That(Encoding.UTF8.GetString(buffer, 0, received.Count), Is.EqualTo("you said hi"));
    }

    private static async Task WriteTextAsync(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text));

    private static async Task ReadUntilAsync(NetworkStream stream, string end)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var text = new StringBuilder();
        var buffer = new byte[1];
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(buffer, limit.Token);
            text.Append((char)buffer[0]);
        }
    }
}
