using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Platform.Connectors.Types.Http;

/// <summary>Asks for one page after the other.</summary>
internal sealed class HttpPages(HttpSender sender)
{
    private const int MaxPageBytes = 32 * 1024 * 1024;

    /// <summary>The rows of each page.</summary>
    /// <param name="settings">The connector.</param>
    /// <param name="source">Its config.</param>
    /// <param name="url">The first page's address.</param>
    /// <param name="body">The body of each request, or null.</param>
    /// <param name="maxPages">Fails beyond them.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async IAsyncEnumerable<IReadOnlyList<JsonElement>> ReadAsync(
        ConnectorSettings settings, HttpSource source, Uri url, string? body, int maxPages,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Uri? next = FirstPage(source.Paging, url);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var page = 0; next is not null; page++)
        {
            if (page >= maxPages)
            {
                throw new SourceException(SourceFailure.QueryTooLarge, $"The source has more than {maxPages} pages.");
            }

            if (!seen.Add(next.AbsoluteUri))
            {
                throw new SourceException(SourceFailure.DataInvalid, "The source's pages go round in a circle.");
            }

            // Credentials go where the config says, never where an answer says.
            if (Uri.Compare(next, url, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) != 0)
            {
                throw new SourceException(SourceFailure.DataInvalid, "The next page is at another host.");
            }

            var current = next;
            using var response = await sender.SendAsync(settings, source, current, body, cancellationToken);
            var answer = await HttpBody.ReadAsync(response, MaxPageBytes, cancellationToken);
            var rows = JsonRows.In(answer, source.RowsPath);
            yield return rows;
            next = NextPage(source.Paging, url, current, page, rows.Count, answer, response);
        }
    }

    private static Uri FirstPage(HttpPaging paging, Uri url) => paging.Kind switch
    {
        "page" => WithSize(paging, WithQuery(url, paging.PageParameter, Text(paging.FirstPage))),
        "offset" => WithSize(paging, WithQuery(url, paging.OffsetParameter, "0")),
        "cursor" or "link" => WithSize(paging, url),
        _ => url,
    };

    private static Uri? NextPage(
        HttpPaging paging, Uri first, Uri current, int page, int rows, JsonElement answer, HttpResponseMessage response)
    {
        switch (paging.Kind)
        {
            case "page" or "offset" when rows == 0 || rows < paging.PageSize:
                return null;
            case "page":
                return WithSize(paging, WithQuery(first, paging.PageParameter, Text(paging.FirstPage + page + 1)));
            case "offset":
                return WithSize(paging, WithQuery(first, paging.OffsetParameter, Text((page + 1) * paging.PageSize)));
            case "link":
                return NextLink(response) is { } link ? new Uri(current, link) : null;
            case "cursor":
                var cursor = JsonRows.At(answer, paging.CursorPath);
                return cursor.ValueKind switch
                {
                    JsonValueKind.String when cursor.GetString() is { Length: > 0 } text => AfterCursor(paging, first, current, text),
                    JsonValueKind.Number => WithSize(paging, WithQuery(first, paging.CursorParameter, cursor.GetRawText())),
                    _ => null,
                };
            default:
                return null;
        }
    }

    // Some sources give the next page's address where others give a cursor.
    private static Uri AfterCursor(HttpPaging paging, Uri first, Uri current, string cursor) =>
        cursor.StartsWith('/')
            || cursor.StartsWith("http://", StringComparison.Ordinal)
            || cursor.StartsWith("https://", StringComparison.Ordinal)
            ? new Uri(current, cursor)
            : WithSize(paging, WithQuery(first, paging.CursorParameter, cursor));

    /// <summary>The target of <c>rel="next"</c> in the Link header (RFC 8288).</summary>
    private static string? NextLink(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Link", out var values))
        {
            return null;
        }

        foreach (var link in values.SelectMany(value => value.Split(',')))
        {
            var parts = link.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0].StartsWith('<') && parts[0].EndsWith('>') && parts.Skip(1).Any(IsNext))
            {
                return parts[0][1..^1];
            }
        }

        return null;
    }

    private static bool IsNext(string parameter) =>
        parameter.Replace("\"", "", StringComparison.Ordinal).Equals("rel=next", StringComparison.OrdinalIgnoreCase);

    private static Uri WithSize(HttpPaging paging, Uri url) =>
        paging.PageSize > 0 ? WithQuery(url, paging.SizeParameter, Text(paging.PageSize)) : url;

    private static Uri WithQuery(Uri url, string name, string value)
    {
        var pair = $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}";
        var others = url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Where(other => !other.StartsWith($"{Uri.EscapeDataString(name)}=", StringComparison.Ordinal));
        return new UriBuilder(url) { Query = string.Join('&', others.Append(pair)) }.Uri;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
