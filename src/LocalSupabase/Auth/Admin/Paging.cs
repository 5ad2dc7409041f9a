using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Platform.LocalSupabase.Auth.Admin;

/// <summary>The page that a list is asked for, and the headers that tell of the others.</summary>
internal sealed record Paging(int Page, int Size)
{
    private const int DefaultSize = 50;
    private const int MaxSize = 1000;

    public long Offset => (long)(Page - 1) * Size;

    public static Paging Of(HttpRequest request) =>
        new(Number(request, "page", 1, int.MaxValue), Number(request, "per_page", DefaultSize, MaxSize));

    // The official client takes the digits after "page=", so the order of the parameters counts.
    public void WriteHeaders(HttpResponse response, string path, long total)
    {
        var last = Math.Max(1, (total + Size - 1) / Size);
        var links = $"<{path}?page={last}&per_page={Size}>; rel=\"last\"";
        if (Page < last)
        {
            links = $"<{path}?page={Page + 1}&per_page={Size}>; rel=\"next\", {links}";
        }

        response.Headers["X-Total-Count"] = total.ToString(CultureInfo.InvariantCulture);
        response.Headers.Link = links;
    }

    private static int Number(HttpRequest request, string name, int otherwise, int max)
    {
        var text = request.Query[name].ToString();
        if (text.Length == 0)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value == 0 ? otherwise : Math.Min(value, max)
            : throw AuthException.Validation($"Bad Pagination Parameters: {name} is not a number");
    }
}
