using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Platform.LocalSupabase.Http;

namespace Platform.LocalSupabase.Rest;

/// <summary>A JSON body.</summary>
internal static class RestBody
{
    public static async Task<JsonElement> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellationToken);
        var bytes = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
        try
        {
            StorableJson.Check(bytes.Span);
            return JsonElement.Parse(bytes.Span);
        }
        catch (JsonException)
        {
            throw Malformed();
        }
    }

    public static RestException Malformed() => new(400, "PGRST102", "Empty or invalid json");
}
