namespace Platform.SharedKernel.Paging;

/// <summary>One page of a list in keyset order.</summary>
/// <typeparam name="T">An item.</typeparam>
/// <param name="Items">The items, in the route's order.</param>
/// <param name="NextCursor">What to send as <c>cursor</c> for the next page, or null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>What a list request asks for.</summary>
/// <param name="Limit">How many items, 1 to 100; 25 if left out.</param>
/// <param name="Cursor">The <c>next_cursor</c> of the page before, or null for the first.</param>
public sealed record PageRequest(int? Limit = null, string? Cursor = null)
{
    /// <summary>The number of items if the request leaves it out.</summary>
    public const int DefaultLimit = 25;

    /// <summary>The most items of a page.</summary>
    public const int MaxLimit = 100;

    /// <summary>How many items to return.</summary>
    public int Take => Limit ?? DefaultLimit;
}
