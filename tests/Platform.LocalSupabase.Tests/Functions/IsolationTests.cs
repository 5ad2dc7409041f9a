using System.Text.Json;
using Platform.LocalSupabase.Functions;

namespace Platform.LocalSupabase.Tests.Functions;

[TestFixture(FunctionSandbox.Bubblewrap)]
[TestFixture(FunctionSandbox.None)]
public sealed class IsolationTests(FunctionSandbox sandbox) : FunctionsTest
{
    internal override FunctionsOptions Options(FunctionsOptions options)
    {
        options.Sandbox = sandbox;
        return options;
    }

    [TestCase("Deno.readTextFile('/etc/passwd')")]
    [TestCase("Deno.readTextFile('/proc/self/environ')")]
    [TestCase("Deno.readTextFile(new URL('../neighbour/index.ts', import.meta.url))")]
    [TestCase("Deno.readTextFile(new URL('../.env', import.meta.url))")]
    [TestCase("Deno.writeTextFile(new URL('./index.ts', import.meta.url), '')")]
    [TestCase("Deno.writeTextFile('/etc/planted', '')")]
    [TestCase("new Deno.Command('/bin/sh', { args: ['-c', 'id'] }).output()")]
    [TestCase("Deno.listen({ port: 0 })")]
    [TestCase("Deno.symlink('/etc/passwd', Deno.env.get('TMPDIR') + '/link')")]
    [TestCase("Deno.dlopen('/lib/x86_64-linux-gnu/libc.so.6', {})")]
    public async Task What_is_not_its_own_is_refused(string attempt)
    {
        WriteAnswer("neighbour", "'secret'");
        WriteFile(".env", "SECRET=1");
        WriteAnswer("thief", $"await (async () => {attempt})().then(() => 'taken', (error) => error.name)");

        var outcome = await AnswerAsync("thief");

        Assert.That(outcome.GetString(), Is.AnyOf("NotCapable", "PermissionDenied", "NotFound"), outcome.ToString());
    }

    [TestCase("import stolen from '/etc/passwd' with { type: 'text' };")]
    [TestCase("import stolen from '../../outside.json' with { type: 'json' };")]
    [TestCase("import stolen from './link.json' with { type: 'json' };")]
    [TestCase("const { default: stolen } = await import('../../outside.json', { with: { type: 'json' } });")]
    [TestCase("import stolen from '../neighbour/data.json' with { type: 'json' };")]
    public async Task An_import_from_elsewhere_keeps_it_from_starting(string import)
    {
        WriteFile("../outside.json", "\"secret\"");
        WriteFile("neighbour/data.json", "\"secret\"");
        Directory.CreateDirectory(Path.Combine(FunctionsFolder, "thief"));
        File.CreateSymbolicLink(Path.Combine(FunctionsFolder, "thief", "link.json"), Path.Combine(FunctionsFolder, "../outside.json"));
        Write("thief", $"{import}\nDeno.serve(() => Response.json(stolen));");

        using var response = await CallAsync("thief");

        await ExpectAsync(response, 503, "BOOT_ERROR", relayError: true);
        await Log.WaitForAsync("lies outside of its folder");
    }

    [Test]
    public async Task What_is_its_own_is_there()
    {
        WriteFile("reader/words.txt", "hello");
        WriteFile("_shared/more.txt", " you");
        WriteAnswer("reader", """
            await Deno.readTextFile(new URL("./words.txt", import.meta.url)) + await Deno.readTextFile(new URL("../_shared/more.txt", import.meta.url))
              + await Deno.makeTempFile().then(async (path) => { await Deno.writeTextFile(path, "!"); return await Deno.readTextFile(path); })
            """);

        Assert.That((await AnswerAsync("reader")).GetString(), Is.EqualTo("hello you!"));
    }

    [Test]
    public async Task A_function_reaches_the_project_over_the_network()
    {
        WriteAnswer("client", "await (await fetch(Deno.env.get('SUPABASE_URL') + '/auth/v1/health', { headers: { apikey: Deno.env.get('SUPABASE_ANON_KEY')! } })).json()");

        Assert.That((await AnswerAsync("client")).ValueKind, Is.EqualTo(JsonValueKind.Object));
    }
}
