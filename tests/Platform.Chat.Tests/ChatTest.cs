using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Platform.Testing;

namespace Platform.Chat.Tests;

/// <summary>A test of chat: sessions, messages and their event streams.</summary>
public abstract class ChatTest : PlatformTest
{
    protected const string Chat = "/api/v1/chat";

    protected sealed record ServerEvent(long Id, string Type, JsonElement Data);

    protected static async Task<Guid> BeginSessionAsync(TestUser user) =>
        (await PostAsync(user.Client, $"{Chat}/sessions", new { })).GetProperty("id").GetGuid();

    /// <summary>Sends a message; the answer's id.</summary>
    protected static async Task<Guid> SendAsync(TestUser user, Guid sessionId, string content) =>
        (await PostAsync(user.Client, $"{Chat}/sessions/{sessionId}/messages", new { content }, HttpStatusCode.Accepted))
        .GetProperty("message_id").GetGuid();

    /// <summary>Sends a message and has it answered.</summary>
    protected static async Task<JsonElement> AskAsync(TestUser user, Guid sessionId, string content)
    {
        var id = await SendAsync(user, sessionId, content);
        await Application.DrainAsync("chat");
        return await GetAsync(user, $"messages/{id}");
    }

    protected static async Task<JsonElement> GetAsync(TestUser user, string path)
    {
        using var response = await user.Client.GetAsync(new Uri($"{Chat}/{path}", UriKind.Relative));
        return await ExpectJsonAsync(response);
    }

    /// <summary>Reads an ended message's events, from the one after <paramref name="after"/>.</summary>
    protected static async Task<List<ServerEvent>> EventsAsync(TestUser user, Guid messageId, long? after = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Chat}/messages/{messageId}/events");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (after is { } last)
        {
            request.Headers.Add("Last-Event-ID", $"{last}");
        }

        using var response = await user.Client.SendAsync(request);
        return Parse(await response.Content.ReadAsStringAsync());
    }

    protected static List<ServerEvent> Parse(string stream) =>
        stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Where(block => !block.StartsWith(':'))
            .Select(block => block.Split('\n').ToDictionary(line => line[..line.IndexOf(':')], line => line[(line.IndexOf(':') + 2)..]))
            .Select(lines => new ServerEvent(
                long.Parse(lines["id"], null), lines["event"], JsonDocument.Parse(lines["data"]).RootElement))
            .ToList();

    protected static string TextOf(JsonElement message) =>
        string.Concat(message.GetProperty("parts").EnumerateArray()
            .Where(part => part.GetProperty("type").GetString() == "text")
            .Select(part => part.GetProperty("text").GetString()));

    protected static string TextOf(IEnumerable<ServerEvent> events) =>
        string.Concat(events.Where(entry => entry.Type == "text.delta").Select(entry => entry.Data.GetProperty("text").GetString()));
}
