using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Platform.Identity.Domain;

namespace Platform.Identity.Persistence;

internal sealed class ExportConfiguration : IEntityTypeConfiguration<Export>
{
    public void Configure(EntityTypeBuilder<Export> builder)
    {
        builder.Property(export => export.Id).ValueGeneratedNever();
        builder.Ignore(export => export.IsActive);
        builder.Property<uint>("xmin").IsRowVersion();
    }
}
