using Platform.SharedKernel.Paging;

namespace Platform.SharedKernel.Infrastructure.Database;

/// <summary>
/// The request's <c>If-Match</c> (RFC 9110, section 13.1.1), set by the kernel's filter and checked when the resource of the route is
/// saved, against the version that the save itself is bound to.
/// </summary>
internal sealed class Preconditions
{
    private HashSet<uint> _versions = [];

    /// <summary>The route's id, where the request carries <c>If-Match</c>.</summary>
    public Guid? ResourceId { get; private set; }

    /// <summary>Whether a save has checked it.</summary>
    public bool IsChecked { get; set; }

    /// <summary>Asks for one of these versions of the resource.</summary>
    public void Require(Guid resourceId, string ifMatch)
    {
        ResourceId = resourceId;
        _versions = ifMatch.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(tag => RowVersion.TryParse(tag, out var value) ? value : (uint?)null)
            .OfType<uint>()
            .ToHashSet();
    }

    public bool Allows(uint version) => _versions.Contains(version);
}
