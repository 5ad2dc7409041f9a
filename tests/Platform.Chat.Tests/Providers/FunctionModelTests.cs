using System.Text.Json;
using Platform.Testing;

namespace Platform.Chat.Tests.Providers;

/// <summary>A model behind the Edge Function: the product, the function under Deno, and a provider, which alone is played.</summary>
public sealed class FunctionModelTests : ChatTest
{
    private const string Model = "big-model";
    private const string Spare = "small-model";

    private FakeProvider _provider = null!;
    private PlatformApplication _product = null!;
    private TestUser _alice = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _provider = await FakeProvider.StartAsync();
        _product = await PlatformApplication.StartAsync(new Dictionary<string, string?>
        {
            ["Chat:FunctionModels"] = $"{Model}, {Spare}",
            ["Functions:Secrets:OPENAI_API_KEY"] = FakeProvider.Key,
            ["Functions:Secrets:OPENAI_BASE_URL"] = _provider.Url,
        });
        _alice = await _product.SignInAsync();
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _alice.Client.Dispose();
        await _product.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [Test]
    public async Task Models_of_the_function_stand_before_the_offline_one()
    {
        var models = (await GetAsync(_alice, "models")).GetProperty("items").EnumerateArray().ToList();

        Assert.That(models.Select(model => model.GetProperty("id").GetString()), Is.EqualTo(new[] { Model, Spare, "offline" }));
        Assert.That(models.Select(model => model.GetProperty("is_default").GetBoolean()), Is.EqualTo(new[] { true, false, false }));
    }

    [Test]
    public async Task A_model_calls_a_tool_reads_its_result_and_answers()
    {
        _provider.WillStream(
            "tool_calls",
            """{"role":"assistant","tool_calls":[{"index":0,"id":"call_9","type":"function","function":{"name":"list_connectors","arguments":""}}]}""",
            """{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}""",
            """{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}""");
        _provider.WillStream("stop", """{"role":"assistant","content":"You have "}""", """{"content":"no connectors."}""");

        var message = await AnswerAsync("What do I have?");

        Assert.That(message.GetProperty("status").GetString(), Is.EqualTo("completed"), message.GetRawText());
        Assert.That(TextOf(message), Is.EqualTo("You have no connectors."));
        Assert.That(
            message.GetProperty("parts").EnumerateArray().Select(part => part.GetProperty("type").GetString()),
            Is.EqualTo(new[] { "tool_call", "tool_result", "text" }));
        Assert.That(message.GetProperty("usage").GetProperty("output_tokens").GetInt64(), Is.EqualTo(10));
        var second = _provider.Requests.Last();
        Assert.That(second.GetProperty("model").GetString(), Is.EqualTo(Model));
        Assert.That(second.GetProperty("messages").EnumerateArray().Last().GetProperty("tool_call_id").GetString(), Is.EqualTo("call_9"));
    }

    [Test]
    public async Task What_the_provider_refuses_for_good_fails_at_once_with_its_words()
    {
        _provider.WillRefuse(400, "This prompt is not for me.");

        var message = await AnswerAsync("Something bad");

        Assert.That(message.GetProperty("status").GetString(), Is.EqualTo("failed"));
        var error = (await EventsAsync(_alice, message.GetProperty("id").GetGuid())).Single(entry => entry.Type == "error").Data;
        Assert.That(error.GetProperty("code").GetString(), Is.EqualTo("provider_refused"));
        Assert.That(error.GetProperty("detail").GetString(), Is.EqualTo("This prompt is not for me."));
    }

    [Test]
    public async Task An_answer_that_breaks_off_is_asked_for_again_and_told_once()
    {
        _provider.WillBreakOff("""{"role":"assistant","content":"Forty"}""");
        _provider.WillStream("stop", """{"role":"assistant","content":"Forty-two."}""");

        var message = await AnswerAsync("What is the answer?");

        Assert.That(TextOf(message), Is.EqualTo("Forty-two."), message.GetRawText());
        Assert.That(TextOf(await EventsAsync(_alice, message.GetProperty("id").GetGuid())), Is.EqualTo("Forty-two."));
    }

    [Test]
    public async Task The_key_of_the_provider_stays_in_the_function()
    {
        _provider.WillStream("stop", """{"role":"assistant","content":"Hello."}""");
        var message = await AnswerAsync("Hello?");

        var dump = await _product.ScalarAsync<string>("select string_agg(m::text, '') from chat.chat_messages m");

        Assert.That(message.GetRawText() + dump, Does.Not.Contain(FakeProvider.Key));
    }

    private async Task<JsonElement> AnswerAsync(string question)
    {
        var id = await SendAsync(_alice, await BeginSessionAsync(_alice), question);
        await _product.DrainAsync("chat");
        // A second try is due a moment later.
        await EventuallyAsync(async () =>
        {
            await _product.DrainAsync("chat");
            return (await GetAsync(_alice, $"messages/{id}")).GetProperty("status").GetString() is "completed" or "failed";
        });
        return await GetAsync(_alice, $"messages/{id}");
    }
}
