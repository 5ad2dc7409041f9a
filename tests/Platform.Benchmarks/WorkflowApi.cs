using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Platform.Benchmarks;

/// <summary>A webhook of a workflow.</summary>
internal sealed record HookAddress(Guid WorkflowId, string Path, byte[] Key);

/// <summary>What every run with workflows asks of the product and of its database.</summary>
[SuppressMessage("ApiDesign", "RS0030", Justification = "A benchmark is a client of the product, not a part of it.")]
internal static class WorkflowApi
{
    public static object Step(string key, string type, object with, params string[] dependsOn) => new { key, type, depends_on = dependsOn, with };

    public static async Task<Guid> PublishAsync(HttpClient api, string name, params object[] steps)
    {
        using var created = await api.PostAsJsonAsync("/api/v1/workflows", new { name, steps });
        var id = (await created.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetGuid();
        using var published = await api.PostAsync(new Uri($"/api/v1/workflows/{id}/publish", UriKind.Relative), null);
        published.EnsureSuccessStatusCode();
        return id;
    }

    /// <summary>Lets signed calls start a workflow.</summary>
    public static async Task<HookAddress> HookAsync(HttpClient api, Guid workflow)
    {
        using var response = await api.PostAsJsonAsync($"/api/v1/workflows/{workflow}/triggers", new { type = "webhook", signed = true });
        var trigger = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
        return new HookAddress(
            workflow, trigger.GetProperty("path").GetString()!, Convert.FromBase64String(trigger.GetProperty("secret").GetString()!["whsec_".Length..]));
    }

    /// <summary>A signed call as it goes over the wire.</summary>
    public static byte[] SignedCall(HookAddress hook, string body)
    {
        var id = $"msg_{Guid.CreateVersion7():N}";
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(hook.Key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")));
        return Encoding.ASCII.GetBytes(
            $"POST {hook.Path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nwebhook-id: {id}\r\nwebhook-timestamp: {timestamp}\r\n"
            + $"webhook-signature: v1,{signature}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }

    public static async Task<T> ScalarAsync<T>(NpgsqlDataSource source, string sql, params object[] parameters)
    {
        await using var command = source.CreateCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return (T)(await command.ExecuteScalarAsync())!;
    }
}
