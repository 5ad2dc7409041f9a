using System.Runtime.CompilerServices;
using Platform.Connectors.Sql;

namespace Platform.Connectors.Types.Redis;

/// <summary>Follows the cursors of SCAN, HSCAN, SSCAN and ZSCAN, so that no call keeps the server long.</summary>
internal static class RedisScan
{
    private const string PageSize = "500";
    private const int MaxItemsOfPage = 100_000;

    /// <summary>The pages of a command that names no cursor: <c>SCAN MATCH user:*</c>, <c>HSCAN key MATCH a*</c>.</summary>
    public static IAsyncEnumerable<IReadOnlyList<RespValue>> PagesAsync(
        RedisSession session, RedisCommand command, QueryLimits limits, CancellationToken cancellationToken)
    {
        var ofKey = command.Shape == RedisShape.ContentPages ? 2 : 1;
        if (command.Arguments.Count < ofKey)
        {
            throw SqlStatement.Invalid($"{command.Arguments[0]} needs a key.");
        }

        string[] options = [.. command.Arguments.Skip(ofKey)];
        if (options.Where((_, place) => place % 2 == 0).Except(["MATCH", "TYPE", "COUNT"], StringComparer.OrdinalIgnoreCase).Any())
        {
            throw SqlStatement.Invalid($"{command.Arguments[0]} takes MATCH and TYPE here; its cursor is followed for you.");
        }

        return PagesAsync(session, [.. command.Arguments.Take(ofKey)], options, limits.MaxBytes, cancellationToken);
    }

    public static async IAsyncEnumerable<IReadOnlyList<RespValue>> PagesAsync(
        RedisSession session, string[] head, string[] options, int maxBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cursor = "0";
        var counted = options.Contains("COUNT", StringComparer.OrdinalIgnoreCase) ? options : [.. options, "COUNT", PageSize];
        do
        {
            var reply = await session.AskAsync([.. head, cursor, .. counted], MaxItemsOfPage, maxBytes, cancellationToken);
            if (session.IsCut || reply.Items is not [var next, { Items: { } page }])
            {
                throw new SourceException(SourceFailure.QueryTooLarge, "A page of the answer is larger than a result may be.");
            }

            yield return page;
            cursor = next.Text;
        }
        while (cursor != "0");
    }
}
